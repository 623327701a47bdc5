//! Commands in comments: `/due DATE REASON`, `/blocked REASON`, `/unblock`, `/evidence URL`, each on a line of its own.
//!
//! Invariants: only a line that begins with the slash is one, outside of code blocks and hidden comments; what no command
//! begins with is talk; and of any text there are at most [`MAX_COMMANDS`].

use chrono::NaiveDate;

use crate::{
    action::{ActionIds, Command, NewEvidence},
    policy::LAST_DAY,
};

/// So many commands of one comment are taken.
const MAX_COMMANDS: usize = 10;

/// So many characters of words are taken.
const MAX_WORDS: usize = 1000;

/// What a command asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To be carried out as at the command line.
    Command(Command),
    /// To be added.
    Evidence(NewEvidence),
}

/// A command as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    /// Its name, as `/due`.
    pub(super) name: &'static str,
    /// The line.
    pub(super) line: String,
    /// What it asks for, or what is wrong with it.
    pub(super) wish: Result<Wish, String>,
}

/// How each command is written.
pub(super) fn usage(name: &str) -> &'static str {
    match name {
        "/due" => "/due YYYY-MM-DD REASON",
        "/blocked" => "/blocked REASON",
        "/evidence" => "/evidence https://…",
        _ => "/unblock",
    }
}

/// The commands in a comment, in order.
pub(super) fn commands(body: &str) -> Vec<Spoken> {
    let mut spoken = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut is_hidden = false;
    for line in body.lines() {
        let opener = fence_of(line);
        match (fence, opener) {
            (Some((mark, length)), Some((other, longer, is_bare)))
                if mark == other && longer >= length && is_bare =>
            {
                fence = None;
                continue;
            }
            (Some(_), _) => continue,
            (None, Some((mark, length, _))) if !is_hidden => {
                fence = Some((mark, length));
                continue;
            }
            (None, _) => {}
        }
        if !is_hidden && spoken.len() < MAX_COMMANDS {
            spoken.extend(command(line));
        }
        // Whichever of both stands last on the line.
        match (line.rfind("<!--"), line.rfind("-->")) {
            (Some(begin), end) if end.is_none_or(|end| end < begin) => is_hidden = true,
            (_, Some(_)) => is_hidden = false,
            (_, None) => {}
        }
    }
    spoken
}

/// Three or more of one mark, how many, and whether nothing follows.
fn fence_of(line: &str) -> Option<(char, usize, bool)> {
    let text = line.trim_start_matches(' ');
    let mark = text.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = text.chars().take_while(|letter| *letter == mark).count();
    let rest = &text[length..];
    // Inline code may begin with three marks, and ends on its line.
    let is_fence = line.len() - text.len() < 4 && length >= 3 && !(mark == '`' && rest.contains('`'));
    is_fence.then(|| (mark, length, rest.trim().is_empty()))
}

fn command(line: &str) -> Option<Spoken> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let name = match word.to_ascii_lowercase().as_str() {
        "/due" => "/due",
        "/blocked" | "/block" => "/blocked",
        "/unblock" | "/unblocked" => "/unblock",
        "/evidence" => "/evidence",
        _ => return None,
    };
    let rest = words(rest);
    let reason = |text: &str| Some(words(text)).filter(|reason| !reason.is_empty());
    let wish =
        match name {
            "/due" => {
                let (date, why) = rest.split_once(' ').unwrap_or((&rest, ""));
                day(date).map(|on| Wish::Command(Command::Due { on, reason: reason(why) }))
            }
            "/blocked" => match reason(&rest) {
                Some(reason) => Ok(Wish::Command(Command::Block { reason, by: ActionIds::default() })),
                None => Err("it does not say why".to_owned()),
            },
            "/evidence" => {
                let (address, note) = rest.split_once(' ').unwrap_or((&rest, ""));
                let address = address.trim_start_matches('<').trim_end_matches('>');
                NewEvidence::at(address)
                    .map(|new| Wish::Evidence(NewEvidence { note: reason(note), ..new }))
                    .map_err(|error| {
                        if rest.is_empty() { "it names no address".to_owned() } else { error.to_string() }
                    })
            }
            _ => Ok(Wish::Command(Command::Unblock { reason: reason(&rest) })),
        };
    Some(Spoken { name, line: words(line), wish })
}

fn day(text: &str) -> Result<NaiveDate, String> {
    if text.is_empty() {
        return Err("it names no day".to_owned());
    }
    // Other ways to write a day are read in different ways in different countries.
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day = text.parse().ok().filter(|day: &NaiveDate| is_plain && *day <= LAST_DAY);
    day.ok_or_else(|| format!("`{}` is not a day", text.replace('`', "'")))
}

/// One line without control characters, at most so long.
fn words(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_WORDS).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(body: &str) -> Vec<String> {
        commands(body).into_iter().map(|spoken| spoken.line).collect()
    }

    fn wish(line: &str) -> Result<Wish, String> {
        commands(line).pop().unwrap().wish
    }

    #[test]
    fn each_command_is_read_as_people_write_it() {
        let on = "2024-06-30".parse().unwrap();
        let due =
            |reason: Option<&str>| Ok(Wish::Command(Command::Due { on, reason: reason.map(str::to_owned) }));
        assert_eq!(wish("/due 2024-06-30 parts  are\tlate \r\n"), due(Some("parts are late")));
        assert_eq!(wish("/Due 2024-06-30"), due(None));
        let blocked = Command::Block { reason: "no parts".to_owned(), by: ActionIds::default() };
        assert_eq!(wish("/block no parts"), Ok(Wish::Command(blocked.clone())));
        assert_eq!(wish("/blocked no parts"), Ok(Wish::Command(blocked)));
        assert_eq!(wish("/unblock"), Ok(Wish::Command(Command::Unblock { reason: None })));
        let Ok(Wish::Evidence(evidence)) = wish("/evidence <https://wiki.acme.test/plan> the plan") else {
            panic!("it is evidence");
        };
        assert_eq!(
            (evidence.url.as_str(), evidence.note.as_deref()),
            ("https://wiki.acme.test/plan", Some("the plan"))
        );
        for (line, wrong) in [
            ("/due", "it names no day"),
            ("/due tomorrow", "`tomorrow` is not a day"),
            ("/due 30.06.2024 late", "`30.06.2024` is not a day"),
            ("/due 2024-02-30", "`2024-02-30` is not a day"),
            ("/due 12024-02-3", "`12024-02-3` is not a day"),
            ("/blocked  ", "it does not say why"),
            ("/evidence", "it names no address"),
        ] {
            assert_eq!(wish(line), Err(wrong.to_owned()), "{line}");
        }
        assert!(wish("/evidence see chat").unwrap_err().contains("is not an address"));
    }

    #[test]
    fn talk_quotes_and_code_are_no_commands() {
        for body in [
            "please /unblock it",
            " /unblock",
            "> /unblock",
            "- /unblock",
            "`/unblock`",
            "/unblocking",
            "/deploy now",
            "/",
            "",
            "```\n/unblock\n```",
            "~~~ text\n/unblock\n```\n/unblock\n~~~",
            "````\n```\n/unblock\n````",
            "```\n/unblock",
            "<!-- a template\n/unblock\n-->",
        ] {
            assert_eq!(lines(body), Vec::<String>::new(), "{body}");
        }
        assert_eq!(
            lines("It works.\n\n/unblock\r\n```\ncode\n```\n/evidence https://acme.test/1\n"),
            ["/unblock", "/evidence https://acme.test/1"]
        );
        assert_eq!(lines("<!-- hidden -->\n/unblock"), ["/unblock"]);
        assert_eq!(lines("```inline``` code\n/unblock"), ["/unblock"]);
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(body in "[/a-z`~<>! \n\r\t-]{0,80}|.{0,80}") {
            let found = commands(&body);
            prop_assert!(found.len() <= MAX_COMMANDS);
            for spoken in &found {
                prop_assert!(body.lines().any(|line| line.starts_with('/') && words(line) == spoken.line));
                prop_assert!(usage(spoken.name).starts_with(spoken.name));
            }
        }

        #[test]
        fn nothing_in_a_code_block_is_a_command(body in "[/a-z \n]{0,40}") {
            prop_assert_eq!(commands(&format!("```\n{body}\n/unblock\n```")), vec![]);
        }
    }
}
