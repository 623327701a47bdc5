//! Report text that goes into an issue, made harmless: it must not call people, link or close other issues, or look
//! like a part of our own section.
//!
//! Invariant: a reader sees the same words; only characters without width are put between.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// U+2060 WORD JOINER: no width, no line break, and no part of a name.
const JOINER: char = '\u{2060}';

/// `@name` and `@org/team`, `#12` and `GH-12`, and the opening of a comment.
static TRIGGERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)@[a-z0-9]|#\d|\bgh-\d|<!--|/(?:issues|pull|discussions)/\d")
        .expect("the pattern is right")
});

/// The text with everything in it defused that GitHub would act on.
pub(super) fn defuse(text: &str) -> String {
    TRIGGERS
        .replace_all(text, |found: &Captures<'_>| {
            let trigger = &found[0];
            // Between the last character, which makes it a trigger, and what comes before.
            let last = trigger.char_indices().next_back().map_or(0, |(at, _)| at);
            let (head, tail) = if trigger == "<!--" { ("<", "!--") } else { trigger.split_at(last) };
            format!("{head}{JOINER}{tail}")
        })
        .into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mentions_references_and_comments_are_broken_and_read_the_same() {
        for text in [
            "ask @gapio and @acme/platform",
            "fixes #12, closes acme/platform#7 and GH-3",
            "<!-- followup:end -->",
            "resolves https://github.com/acme/platform/issues/9",
        ] {
            let defused = defuse(text);
            assert_ne!(defused, text);
            assert_eq!(defused.replace(JOINER, ""), text);
            assert!(!TRIGGERS.is_match(&defused), "{defused}");
        }
        assert_eq!(defuse("mail a @ b, item # 3"), "mail a @ b, item # 3");
    }

    proptest! {
        #[test]
        fn whatever_the_report_says_nothing_is_left_to_act_on(text in "[@#<!a-z0-9/ -]{0,80}") {
            let defused = defuse(&text);
            prop_assert!(!TRIGGERS.is_match(&defused), "{}", defused);
            prop_assert_eq!(defused.replace(JOINER, ""), text);
        }
    }
}
