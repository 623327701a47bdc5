//! Start tags: what each closes, and what it opens.

use super::{Builder, CELLS, Frame, Held, LISTS, MAX_OPEN};
use crate::document::{Block, BlockKind, Pair, Span};
use crate::grid::{Grid, GridRow};
use crate::html::styles;
use crate::html::tags::{self, Kind, Tag};
use crate::html::tokens::StartTag;

/// What an element that opens stands for.
#[derive(Clone, Copy)]
struct Opening {
    tag: Tag,
    kind: Kind,
    line: usize,
    hides: bool,
}

impl Builder {
    /// The start tag of an element.
    pub(in crate::html) fn start(&mut self, tag: &StartTag<'_>) {
        let Some((id, kind)) = tags::tag(tag.name) else { return };
        self.line = tag.line;
        let kind = styles::refined(kind, tag);
        if kind.is_inline() {
            self.open_format(id, kind, tag);
        } else if kind.is_void() {
            self.void(kind, tag);
        } else {
            let look = self.sheet.look(tag);
            let around = kind != Kind::Main && tag.name != "body" && styles::is_around(kind, tag);
            let hides = matches!(kind, Kind::Hidden | Kind::Style | Kind::Title) || look.hidden || around;
            self.open(Opening { tag: id, kind, line: tag.line, hides }, tag);
            // A paragraph in bold style is bold; so is what a style strikes through.
            if (look.bold || look.struck || hides && kind == Kind::Paragraph)
                && !matches!(kind, Kind::Table | Kind::Row | Kind::Rows(_) | Kind::List(_))
            {
                self.open_look(styles::Look { hidden: hides && kind == Kind::Paragraph, ..look });
            }
        }
        if tag.is_closed && (self.is_xml || tag.name.contains(':')) && !kind.is_void() {
            self.end(tag.name, tag.line);
        }
    }

    /// An element without content.
    fn void(&mut self, kind: Kind, tag: &StartTag<'_>) {
        match kind {
            Kind::Break => self.break_line(),
            Kind::Meta => self.meta(tag),
            _ if self.hidden > 0 => {}
            Kind::Rule => {
                self.end_block();
                self.push(Block { span: Span::line(tag.line), kind: BlockKind::Rule });
            }
            Kind::Input if tag.text("type").eq_ignore_ascii_case("checkbox") => {
                self.check(tag.get("checked").is_some(), tag.line);
            }
            Kind::Image => {
                let is_emoji = |class: &str| matches!(class, "emoji" | "emoticon" | "g-emoji");
                if tag.classes().any(is_emoji) {
                    self.picture(tag.text("alt"), tag.line);
                }
            }
            Kind::Emoticon => {
                let fallback = tag.text("ac:emoji-fallback");
                self.picture(if fallback.is_empty() { tag.text("ac:name") } else { fallback }, tag.line);
            }
            Kind::User => {
                let name = ["ri:username", "ri:account-id", "ri:userkey"].iter().find_map(|key| tag.get(key));
                if let Some(name) = name.filter(|name| !name.is_empty()) {
                    self.text(&format!("@{name}"), tag.line);
                }
            }
            Kind::Page => self.instead(tag.text("ri:content-title")),
            Kind::Address => self.leads_to(tag.text("ri:value")),
            _ => {}
        }
    }

    /// A box to tick: that of the item it begins, else a mark among the words.
    pub(super) fn check(&mut self, is_checked: bool, line: usize) {
        if self.hidden > 0 {
            return;
        }
        if self.runs.is_empty()
            && let Some(Held::Item { checked: checked @ None, blocks }) = self
                .stack
                .iter_mut()
                .rev()
                .map(|frame| &mut frame.held)
                .find(|held| !matches!(held, Held::Nothing))
            && blocks.is_empty()
        {
            *checked = Some(is_checked);
        } else {
            self.text(if is_checked { "☑ " } else { "☐ " }, line);
        }
    }

    fn meta(&mut self, tag: &StartTag<'_>) {
        let name = [tag.text("name"), tag.text("property")].into_iter().find(|name| !name.is_empty());
        let key = match name.unwrap_or_default().to_ascii_lowercase().as_str() {
            "og:title" => "og:title",
            "article:published_time" | "dcterms.date" | "dc.date" | "date" => "date",
            _ => return,
        };
        let content = tag.text("content").trim();
        if !content.is_empty() && self.metadata.len() < 64 {
            self.metadata.push(Pair { key: key.to_owned(), value: content.to_owned(), line: tag.line });
        }
    }

    /// Opens an element with content.
    fn open(&mut self, opening: Opening, tag: &StartTag<'_>) {
        let Opening { kind, line, .. } = opening;
        // A heading that has its words and is not closed ends where something else begins.
        let ends_heading = matches!(
            kind,
            Kind::Paragraph
                | Kind::Heading(_)
                | Kind::List(_)
                | Kind::Table
                | Kind::Quote
                | Kind::Code
                | Kind::Section
                | Kind::Main
                | Kind::Article
        );
        if ends_heading
            && !self.runs.is_empty()
            && let Some(Frame { kind: Kind::Heading(_), .. }) = self.stack.last()
        {
            self.close_top();
        }
        match kind {
            Kind::Paragraph => {
                self.end_block();
                self.paragraph = Some(self.formats.len());
                let style = tag.text("style");
                self.word_item = styles::word_level(style).map(|level| (level, false));
            }
            Kind::Heading(_) => {
                self.end_block();
                self.enter(opening, Held::Nothing);
            }
            Kind::List(_) => {
                self.end_block();
                if self.may_nest() {
                    let (items, words) = (Vec::new(), self.words);
                    let level = styles::google_level(tag).unwrap_or(0);
                    self.enter(opening, Held::List { items, words, level });
                } else {
                    self.too_deep += 1;
                }
            }
            Kind::Item | Kind::Task => {
                self.end_block();
                self.close_last(
                    |frame| matches!(frame.kind, Kind::Item | Kind::Task),
                    &[LISTS[0], LISTS[1], CELLS[0], CELLS[1], Kind::Quote],
                );
                let is_task = tag.get("data-inline-task-id").is_some();
                let checked = is_task.then(|| tag.classes().any(|class| class == "checked"));
                let checked = checked.or_else(|| tag.get("aria-checked").map(|state| state == "true"));
                self.enter(opening, Held::Item { checked, blocks: Vec::new() });
            }
            Kind::Term | Kind::Description => {
                self.end_block();
                self.close_last(
                    |frame| matches!(frame.kind, Kind::Term | Kind::Description),
                    &[LISTS[0], LISTS[1], CELLS[0], CELLS[1], Kind::Quote],
                );
                let held = if kind == Kind::Term { Held::Nothing } else { Held::Blocks(Vec::new()) };
                self.enter(opening, held);
            }
            Kind::Table | Kind::Rows(_) | Kind::Row | Kind::Cell(_) | Kind::Caption => {
                self.open_table(opening, tag);
            }
            Kind::Quote => {
                self.end_block();
                if self.may_nest() {
                    self.enter(opening, Held::Blocks(Vec::new()));
                } else {
                    self.too_deep += 1;
                }
            }
            Kind::Code => {
                self.end_block();
                self.enter(opening, Held::Code(Vec::new()));
            }
            Kind::Hidden | Kind::Style | Kind::Title | Kind::Parameter | Kind::TaskStatus => {
                if kind == Kind::Parameter {
                    tag.text("ac:name").clone_into(&mut self.parameter);
                }
                let held = if kind == Kind::Hidden { Held::Nothing } else { Held::Captured(String::new()) };
                self.enter(opening, held);
            }
            Kind::Macro => {
                let name = tag.text("ac:name").to_owned();
                self.enter(opening, Held::Macro(name));
            }
            Kind::Header | Kind::Aside => {
                self.end_block();
                let is_inner = self.main + self.article > 0
                    || self.stack.iter().any(|frame| frame.kind == Kind::Section);
                let (kind, hides) = match kind {
                    _ if is_inner => (Kind::Blocks, opening.hides),
                    Kind::Header => (Kind::Header, opening.hides),
                    _ => (Kind::Aside, true),
                };
                self.enter(Opening { kind, hides, ..opening }, Held::Nothing);
            }
            Kind::Lines if styles::is_byline(tag) => {
                self.end_block();
                self.enter(Opening { kind: Kind::Blocks, ..opening }, Held::Byline(Vec::new()));
            }
            Kind::Lines => {
                self.end_line();
                // The boxes of Notion are pictures of boxes.
                let is = |name: &str| tag.classes().any(|class| class == name);
                if is("checkbox") && (is("checkbox-on") || is("checkbox-off")) {
                    self.check(is("checkbox-on"), line);
                }
                self.enter(opening, Held::Nothing);
            }
            _ => {
                self.end_block();
                self.enter(opening, Held::Nothing);
            }
        }
    }

    fn open_table(&mut self, opening: Opening, tag: &StartTag<'_>) {
        self.end_block();
        let table = self.stack.iter().rposition(|frame| frame.kind == Kind::Table);
        let in_cell = self.stack.iter().rposition(|frame| matches!(frame.kind, Kind::Cell(_)));
        if opening.kind == Kind::Table {
            // A table in a table, and not in a cell of it, ends the first.
            if let Some(table) = table.filter(|table| in_cell.is_none_or(|cell| cell < *table)) {
                self.close_to(table);
            }
            self.enter(opening, Held::Grid(Grid::default()));
            return;
        }
        // Parts of a table without a table mean nothing.
        let Some(table) = table else { return };
        let at = |builder: &Self, is: fn(Kind) -> bool| {
            builder.stack[table + 1..].iter().position(|frame| is(frame.kind)).map(|at| table + 1 + at)
        };
        match opening.kind {
            Kind::Cell(_) => {
                let row = at(self, |kind| kind == Kind::Row);
                let rows = at(self, |kind| matches!(kind, Kind::Rows(_)));
                self.close_to(row.or(rows).unwrap_or(table) + 1);
                if row.is_none() {
                    let Opening { tag, line, .. } = opening;
                    self.enter(
                        Opening { tag, kind: Kind::Row, line, hides: false },
                        Held::Row(GridRow::default()),
                    );
                }
                let count = |name: &str| tag.text(name).trim().parse::<u16>().unwrap_or(1);
                let (across, down) = (count("colspan"), count("rowspan"));
                self.enter(opening, Held::Cell { blocks: Vec::new(), across, down });
            }
            Kind::Row => {
                let rows = at(self, |kind| matches!(kind, Kind::Rows(_)));
                self.close_to(rows.unwrap_or(table) + 1);
                self.enter(opening, Held::Row(GridRow::default()));
            }
            _ => {
                self.close_to(table + 1);
                self.enter(opening, Held::Nothing);
            }
        }
    }

    /// Puts an element on the stack, if there is room.
    fn enter(&mut self, opening: Opening, held: Held) {
        let Opening { tag, kind, line, hides } = opening;
        // What hides is never left out, or its text would show.
        if self.stack.len() >= MAX_OPEN && (!hides || self.hidden > 0) {
            // The end tags of these may be missing, so they are not waited for.
            let is_optional = matches!(
                kind,
                Kind::Item
                    | Kind::Task
                    | Kind::Term
                    | Kind::Description
                    | Kind::Row
                    | Kind::Rows(_)
                    | Kind::Cell(_)
            );
            self.too_deep += usize::from(!is_optional);
            return;
        }
        let frame = Frame { tag, kind, formats: self.formats.len(), line, hides, held };
        self.count(&frame, true);
        self.stack.push(frame);
    }
}
