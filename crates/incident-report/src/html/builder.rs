//! Tags and text to blocks, as they come.
//!
//! There is no tree: a stack of the open elements is all that is kept, each with what was read in it so far.
//! It follows the rules of the HTML standard for what an element closes (`li`, `td`, `p`, headings); formats
//! that are not closed end with the block they were opened in.
//!
//! Invariants: the stack has at most [`MAX_OPEN`] elements and [`MAX_FORMATS`] formats, deeper ones are read as
//! parts of the innermost; lists and quotes nest at most as deep as the model allows; every token costs at
//! most one walk over the stack.

mod inline;
mod open;

use super::styles::Sheet;
use super::tags::{Kind, Tag};
use crate::document::{
    Block, BlockKind, Heading, Item, LABEL_LEVEL, Line, List, MAX_DEPTH, Pair, Span, one_line,
};
use crate::grid::{Grid, GridCell, GridRow};
use crate::runs::{Mark, Runs};
use crate::{levels, lines};

/// How many elements may be open: as deep as browsers nest them, and far beyond what people write.
const MAX_OPEN: usize = 256;

/// How many formats may be open.
const MAX_FORMATS: usize = 64;

/// What merged cells may take beside the length of the page, in bytes.
const SPARE: usize = 1 << 16;

/// What an end tag is not looked for behind.
const LISTS: [Kind; 2] = [Kind::List(false), Kind::List(true)];
const CELLS: [Kind; 2] = [Kind::Cell(false), Kind::Cell(true)];

/// Where in the page a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    /// In `main`, or what a program calls its content.
    Main,
    /// In an article.
    Article,
    /// In the header of the page.
    Header,
    /// Elsewhere.
    Body,
}

/// An open element.
#[derive(Debug)]
struct Frame {
    tag: Tag,
    kind: Kind,
    /// How many formats were open when it began.
    formats: usize,
    line: usize,
    hides: bool,
    held: Held,
}

/// What was read in an open element.
#[derive(Debug)]
enum Held {
    Nothing,
    Blocks(Vec<Block>),
    /// When and by whom the page was published.
    Byline(Vec<Block>),
    List {
        items: Vec<Item>,
        words: u64,
        level: usize,
    },
    Item {
        checked: Option<bool>,
        blocks: Vec<Block>,
    },
    Grid(Grid),
    Row(GridRow),
    Cell {
        blocks: Vec<Block>,
        across: u16,
        down: u16,
    },
    /// Text that is no text of the page.
    Captured(String),
    /// The words of a block of code, by lines.
    Code(Vec<(usize, String)>),
    /// The name of a macro.
    Macro(String),
}

/// An open format.
#[derive(Debug)]
struct Format {
    /// The element that it ends with; none when it ends with the block it stands in.
    tag: Option<Tag>,
    bold: bool,
    struck: bool,
    hides: bool,
    raised: bool,
    link: Option<Link>,
    /// What is written when nothing stands in it.
    instead: Option<String>,
    /// Whether it is set in brackets.
    bracketed: bool,
    mark: Mark,
}

#[derive(Debug)]
struct Link {
    target: Option<String>,
    /// Whether it leads to a place on the page.
    is_inside: bool,
    is_noted: bool,
}

/// Builds the blocks of a page.
#[derive(Debug)]
pub(super) struct Builder {
    is_xml: bool,
    stack: Vec<Frame>,
    formats: Vec<Format>,
    runs: Runs,
    /// The blocks of the page, and where each stands.
    root: Vec<Block>,
    regions: Vec<Region>,
    /// How many open elements and formats hide what is in them.
    hidden: usize,
    /// How many elements were opened beyond the limits and not closed yet.
    too_deep: usize,
    /// How many lists and quotes are open.
    nested: usize,
    main: usize,
    article: usize,
    header: usize,
    /// How many open elements collect a line of their own: headings, terms, captions.
    collecting: usize,
    /// How many formats were open when the open paragraph began.
    paragraph: Option<usize>,
    /// The level of the open paragraph in a list of Word, and whether its marker is a number.
    word_item: Option<(usize, bool)>,
    /// The name of the open parameter of a macro.
    parameter: String,
    /// The line of the current tag.
    line: usize,
    /// How many open formats are bold, struck, links, or raised.
    bold: usize,
    struck: usize,
    linked: usize,
    inside: usize,
    raised: usize,
    has_new_link: bool,
    /// Counts the words outside links to places on the page.
    words: u64,
    /// A term that waits for what is said about it, and how many elements are open around it.
    term: Option<(usize, Line)>,
    /// What may still be spent on merged cells.
    budget: usize,
    sheet: Sheet,
    /// Bytes of text in blocks of code, and elsewhere.
    pub(super) code_bytes: usize,
    pub(super) text_bytes: usize,
    /// The blocks of code on the top level: where, and their lines.
    pub(super) codes: Vec<(usize, Vec<(usize, String)>)>,
    /// The title of the page, and what its metadata say.
    pub(super) title: Option<Pair>,
    pub(super) metadata: Vec<Pair>,
}

impl Builder {
    /// A builder for a page of so many bytes, which stands so many blocks deep in another document.
    pub(super) fn new(is_xml: bool, bytes: usize, depth: usize) -> Self {
        Self {
            is_xml,
            stack: Vec::new(),
            formats: Vec::new(),
            runs: Runs::default(),
            root: Vec::new(),
            regions: Vec::new(),
            hidden: 0,
            too_deep: 0,
            nested: depth,
            main: 0,
            article: 0,
            header: 0,
            collecting: 0,
            paragraph: None,
            word_item: None,
            parameter: String::new(),
            line: 1,
            bold: 0,
            struck: 0,
            linked: 0,
            inside: 0,
            raised: 0,
            has_new_link: false,
            words: 0,
            term: None,
            budget: bytes + SPARE,
            sheet: Sheet::default(),
            code_bytes: 0,
            text_bytes: 0,
            codes: Vec::new(),
            title: None,
            metadata: Vec::new(),
        }
    }

    /// Ends the page: its blocks, and where each stands.
    pub(super) fn finish(&mut self) -> (Vec<Block>, Vec<Region>) {
        self.close_to(0);
        self.end_block();
        self.end_term();
        (std::mem::take(&mut self.root), std::mem::take(&mut self.regions))
    }

    /// The end tag of an element.
    pub(super) fn end(&mut self, name: &str, line: usize) {
        let Some((tag, kind)) = super::tags::tag(name) else { return };
        self.line = line;
        match kind {
            Kind::Break => self.break_line(),
            _ if kind.is_void() => {}
            _ if kind.is_inline() => self.close_format(tag),
            // What hides was let in beyond the limit.
            _ if self.stack.len() > MAX_OPEN && self.stack.last().is_some_and(|frame| frame.tag == tag) => {
                self.close_top();
            }
            // A paragraph may be a heading by its class.
            Kind::Paragraph if self.stack.last().is_some_and(|frame| frame.tag == tag) => self.close_top(),
            Kind::Paragraph => self.end_block(),
            // Of headings, any end tag ends any.
            Kind::Heading(_) => self.close_last(|frame| matches!(frame.kind, Kind::Heading(_)), &CELLS),
            Kind::Item | Kind::Task => self.close_last(|frame| frame.kind == kind, &LISTS),
            Kind::Cell(_) => self.close_last(|frame| matches!(frame.kind, Kind::Cell(_)), &[Kind::Table]),
            Kind::Row => self.close_last(|frame| frame.kind == Kind::Row, &[Kind::Table]),
            Kind::Rows(_) | Kind::Caption => self.close_last(|frame| frame.tag == tag, &[Kind::Table]),
            _ if self.too_deep > 0 => self.too_deep -= 1,
            _ => self.close_last(|frame| frame.tag == tag, &CELLS),
        }
    }

    /// Closes the innermost element that is meant, unless one of these kinds is in between.
    fn close_last(&mut self, is_meant: impl Fn(&Frame) -> bool, behind: &[Kind]) {
        for at in (0..self.stack.len()).rev() {
            let frame = &self.stack[at];
            if is_meant(frame) {
                self.close_to(at);
                return;
            }
            if behind.contains(&frame.kind) {
                return;
            }
        }
    }

    /// Closes elements until so many are open.
    fn close_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            self.close_top();
        }
    }

    fn close_top(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let (kind, formats) = (frame.kind, frame.formats);
        let is_plain = matches!(frame.held, Held::Nothing);
        let collects = kind.collects();
        if !collects
            && !kind.is_aside()
            && let Some(paragraph) = self.paragraph.take()
        {
            self.close_formats(paragraph.max(formats));
        }
        self.close_formats(formats);
        let mut collected = Vec::new();
        match kind {
            _ if collects => collected = self.runs.finish(),
            _ if kind.is_aside() => {}
            Kind::Lines if is_plain => self.end_line(),
            _ => self.flush(),
        }
        if self.term.as_ref().is_some_and(|(depth, _)| *depth >= self.stack.len()) {
            self.end_term();
        }
        let Some(frame) = self.stack.pop() else { return };
        self.count(&frame, false);
        let last = self.runs.last().max(frame.line);
        let span = Span::new(frame.line, last);
        let shown = self.hidden == 0;
        match frame.held {
            Held::Nothing if !collects => {}
            Held::Nothing => self.collected(frame.kind, frame.line, &collected),
            Held::Captured(text) => self.captured(frame.kind, frame.line, &text),
            Held::Macro(_) => {}
            Held::Byline(blocks) => self.byline(frame.line, blocks),
            Held::Code(text) if shown => self.code(span, text),
            Held::Blocks(blocks) if frame.kind == Kind::Quote => {
                if !blocks.is_empty() {
                    self.push(Block { span, kind: BlockKind::Quote(blocks) });
                }
            }
            Held::Blocks(blocks) => self.description(blocks),
            Held::List { items, words, level } => self.list(frame.kind, items, words, level),
            Held::Item { checked, blocks } => self.item(span, checked, blocks),
            Held::Cell { blocks, across, down } => {
                let cell = GridCell::new(frame.line, blocks, frame.kind == Kind::Cell(true), across, down);
                if let Some(Frame { held: Held::Row(row), .. }) = self.stack.last_mut() {
                    row.cells.push(cell);
                }
            }
            Held::Row(mut row) => {
                row.cells.shrink_to_fit();
                let mut within = self.stack.iter().rev().take_while(|frame| frame.kind != Kind::Table);
                row.is_header = within.any(|frame| frame.kind == Kind::Rows(true));
                if let Some(grid) = self.grid() {
                    grid.rows.push(row);
                }
            }
            Held::Grid(grid) if shown => {
                for block in grid.into_blocks(&mut self.budget) {
                    self.push(block);
                }
            }
            Held::Grid(_) | Held::Code(_) => {}
        }
    }

    /// Keeps the counts of open elements.
    fn count(&mut self, frame: &Frame, is_opened: bool) {
        let step = |count: &mut usize, is_meant: bool| {
            if is_meant {
                *count = if is_opened { *count + 1 } else { count.saturating_sub(1) };
            }
        };
        step(&mut self.hidden, frame.hides);
        step(&mut self.nested, matches!(frame.kind, Kind::List(_) | Kind::Quote));
        step(&mut self.main, frame.kind == Kind::Main);
        step(&mut self.article, frame.kind == Kind::Article);
        step(&mut self.header, frame.kind == Kind::Header);
        step(&mut self.collecting, frame.kind.collects());
    }

    fn grid(&mut self) -> Option<&mut Grid> {
        self.stack.iter_mut().rev().find_map(|frame| match &mut frame.held {
            Held::Grid(grid) => Some(grid),
            _ => None,
        })
    }

    /// What a heading, a term, or a caption holds.
    fn collected(&mut self, kind: Kind, line: usize, lines: &[Line]) {
        let (Some(number), Some(last)) = (lines.first().map(|line| line.number), lines.last()) else {
            return;
        };
        let span = Span::new(line.min(number), last.number);
        let text = one_line(lines);
        if text.is_empty() {
            return;
        }
        match kind {
            Kind::Heading(level) => {
                self.push(Block { span, kind: BlockKind::Heading(Heading { level, text }) });
            }
            Kind::Caption => {
                if let Some(grid) = self.grid() {
                    grid.caption = Some(Line { number, text });
                }
            }
            _ => {
                self.end_term();
                self.term = Some((self.stack.len(), Line { number, text }));
            }
        }
    }

    /// A term that nothing was said about.
    fn end_term(&mut self) {
        if let Some((_, line)) = self.term.take() {
            self.push(Block { span: Span::line(line.number), kind: BlockKind::Paragraph(vec![line]) });
        }
    }

    /// What is said about a term: on its line where it is a line, else below it.
    fn description(&mut self, mut blocks: Vec<Block>) {
        if let Some((_, mut term)) = self.term.take() {
            let name = term.text.plain.trim_end_matches([':', '：']).len();
            term.text = term.text.slice(0, name);
            term.text.plain.push(':');
            term.text.bold = term.text.plain.len();
            match blocks.first_mut() {
                Some(Block { span, kind: BlockKind::Paragraph(lines) }) if !lines.is_empty() => {
                    let mut text = std::mem::take(&mut term.text);
                    text.push(&lines[0].text);
                    lines[0].text = text;
                    lines[0].number = term.number;
                    span.first = term.number;
                }
                Some(_) => {
                    let heading = Heading { level: LABEL_LEVEL, text: term.text };
                    self.push(Block { span: Span::line(term.number), kind: BlockKind::Heading(heading) });
                }
                None => {}
            }
        }
        for block in blocks {
            self.push(block);
        }
    }

    fn byline(&mut self, line: usize, blocks: Vec<Block>) {
        let words: Vec<String> = blocks
            .iter()
            .filter_map(|block| match &block.kind {
                BlockKind::Paragraph(lines) => Some(one_line(lines).plain),
                _ => None,
            })
            .collect();
        let words = words.join(" ");
        // Whoever calls a part with headings, lists, or much text a byline means something else.
        let is_byline = words.len() <= 300
            && blocks.iter().all(|block| matches!(block.kind, BlockKind::Paragraph(_) | BlockKind::Rule));
        if is_byline {
            self.metadata.push(Pair { key: "date".to_owned(), value: words, line });
        } else {
            blocks.into_iter().for_each(|block| self.push(block));
        }
    }

    fn code(&mut self, span: Span, text: Vec<(usize, String)>) {
        let has_words = text.iter().any(|(_, line)| !line.trim().is_empty());
        if !has_words {
            return;
        }
        self.push(Block { span, kind: BlockKind::Code });
        if matches!(self.root.last(), Some(Block { kind: BlockKind::Code, span: last }) if *last == span) {
            self.codes.push((self.root.len() - 1, text));
        }
    }

    fn list(&mut self, kind: Kind, items: Vec<Item>, words: u64, level: usize) {
        // A list of nothing but links to places on the page is its table of contents.
        let (Some(first), Some(last)) = (items.first(), items.last()) else { return };
        if words == self.words {
            return;
        }
        let ordered = kind == Kind::List(true);
        let span = Span::new(first.span.first, last.span.last);
        if level > 0 {
            let (blocks, region) = self.place();
            for item in items {
                levels::add(blocks, false, level, ordered, item);
            }
            self.regions.resize(self.root.len(), region);
        } else {
            self.push(Block { span, kind: BlockKind::List(List { ordered, items }) });
        }
    }

    fn item(&mut self, span: Span, checked: Option<bool>, mut blocks: Vec<Block>) {
        if blocks.is_empty() {
            return;
        }
        let (mut checked, mut is_dropped) = (checked, false);
        if let (None, Some(Block { kind: BlockKind::Paragraph(own), .. })) = (checked, blocks.first_mut())
            && let Some(line) = own.first_mut()
            && let Some((length, is_checked, dropped)) = lines::checkbox(&line.text.plain)
        {
            line.text = line.text.slice(length, line.text.plain.len());
            (checked, is_dropped) = (Some(is_checked), dropped);
        }
        blocks.shrink_to_fit();
        let item = Item { span, checked, is_dropped, blocks };
        if let Some(Frame { held: Held::List { items, .. }, .. }) = self.stack.last_mut() {
            items.push(item);
        } else {
            // An item without a list is one of the list before it.
            let (blocks, region) = self.place();
            levels::add(blocks, false, 0, false, item);
            self.regions.resize(self.root.len(), region);
        }
    }

    /// The blocks that come next belong to these, and to this region if they are the page's own.
    fn place(&mut self) -> (&mut Vec<Block>, Region) {
        let region = if self.main > 0 {
            Region::Main
        } else if self.article > 0 {
            Region::Article
        } else if self.header > 0 {
            Region::Header
        } else {
            Region::Body
        };
        let held = self.stack.iter_mut().rev().find_map(|frame| match &mut frame.held {
            Held::Blocks(blocks)
            | Held::Byline(blocks)
            | Held::Item { blocks, .. }
            | Held::Cell { blocks, .. } => Some(blocks),
            Held::List { items, .. } => items.last_mut().map(|item| &mut item.blocks),
            _ => None,
        });
        (held.unwrap_or(&mut self.root), region)
    }

    /// Adds a finished block where it belongs.
    fn push(&mut self, block: Block) {
        if self.hidden > 0 {
            return;
        }
        let (blocks, region) = self.place();
        blocks.push(block);
        self.regions.resize(self.root.len(), region);
    }

    /// Ends the open paragraph, and the formats that were opened in it.
    fn end_block(&mut self) {
        if let Some(formats) = self.paragraph.take() {
            self.close_formats(formats);
        }
        if self.collecting > 0 { self.runs.space() } else { self.flush() }
    }

    /// Makes a paragraph of the words so far.
    fn flush(&mut self) {
        let lines = self.runs.finish();
        let word_item = self.word_item.take();
        let Some(first) = lines.first().map(|line| line.number) else { return };
        let span = Span::new(first, self.runs.last());
        let paragraph = Block { span, kind: BlockKind::Paragraph(lines) };
        match word_item {
            Some((level, ordered)) => {
                let item = Item { span, checked: None, is_dropped: false, blocks: vec![paragraph] };
                let (blocks, region) = self.place();
                levels::add(blocks, false, level, ordered, item);
                self.regions.resize(self.root.len(), region);
            }
            None => self.push(paragraph),
        }
    }

    /// Ends a line, and the paragraph where there is none.
    fn end_line(&mut self) {
        if self.collecting > 0 {
            self.runs.space();
        } else if !self.runs.at_line_start() {
            self.runs.end_line();
        }
    }

    fn break_line(&mut self) {
        if self.collecting > 0 {
            self.runs.space();
        } else if self.hidden == 0 && !self.runs.end_line() {
            self.flush();
        }
    }

    /// Whether lists and quotes may nest further.
    fn may_nest(&self) -> bool {
        self.nested + 2 < MAX_DEPTH
    }
}
