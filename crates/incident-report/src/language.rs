//! Which language a report is written in, roughly.
//!
//! Invariant: a guess needs evidence; a text of a few words, or one that fits nothing, has no language.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The languages in which a word is common.
static WORDS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut words: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in include_str!("../data/languages.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split_whitespace();
        let Some(language) = parts.next() else { continue };
        for word in parts {
            words.entry(word).or_default().push(language);
        }
    }
    words
});

/// How many words are looked at.
const SAMPLE: usize = 5_000;

/// The ISO 639-1 code of the language of a text.
pub(crate) fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut total = 0;
    let words =
        lines.flat_map(|line| line.split(|c: char| !c.is_alphabetic())).filter(|word| !word.is_empty());
    for word in words.take(SAMPLE) {
        total += 1;
        for c in word.chars().take(40) {
            let script = match c {
                '\u{3040}'..='\u{30ff}' => "ja",
                '\u{4e00}'..='\u{9fff}' => "zh",
                '\u{ac00}'..='\u{d7af}' => "ko",
                'і' | 'ї' | 'є' => "uk",
                '\u{400}'..='\u{4ff}' => "ru",
                _ => continue,
            };
            *counts.entry(script).or_default() += 1;
        }
        if let Some(languages) = WORDS.get(word.to_lowercase().as_str()) {
            for language in languages {
                *counts.entry(language).or_default() += 1;
            }
        }
    }
    // Kana stand among many ideographs, so some of them decide.
    if counts.get("ja").is_some_and(|kana| kana * 5 > counts.get("zh").copied().unwrap_or(0)) {
        counts.remove("zh");
    }
    let (language, count) =
        counts.into_iter().max_by_key(|&(language, count)| (count, std::cmp::Reverse(language)))?;
    (count >= 3 && count * 20 >= total).then(|| language.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_words_tell() {
        for (text, expected) in [
            ("The queue was full and the workers were restarted with a new limit", Some("en")),
            ("Der Speicher war voll und die Anwendung wurde nicht neu gestartet", Some("de")),
            ("Базу данных перезапустили вручную", Some("ru")),
            ("監視を追加する", Some("ja")),
            ("我们添加监控", Some("zh")),
            ("x y", None),
        ] {
            assert_eq!(of(text.lines()).as_deref(), expected, "{text}");
        }
    }
}
