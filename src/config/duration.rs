//! Durations as people write them in the configuration: `500ms`, `3s`, `5m`, `2h`, `1d`.

use std::{fmt, time::Duration};

use serde::{
    Deserializer,
    de::{Error, Visitor},
};

/// The longest: nothing here waits for more than a month, and what is added to a moment still is one.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);

/// Reads a duration from a string.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(Text)
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Duration;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a duration in quotes, such as \"3s\", \"5m\" or \"2h\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        match parse(text) {
            Some(duration) if duration <= LONGEST => Ok(duration),
            Some(_) => Err(E::custom(format!("`{text}` is too long; the most is \"30d\""))),
            None => Err(E::custom(format!(
                "`{text}` is not a duration; write something like \"3s\", \"5m\" or \"2h\""
            ))),
        }
    }
}

fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let milliseconds = match &text[digits..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.saturating_mul(milliseconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_nonsense_is_not() {
        for (text, seconds) in [("0s", 0), ("3s", 3), ("5m", 300), ("2h", 7200), ("1d", 86_400)] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("500ms"), Some(Duration::from_millis(500)));
        for text in ["", "s", "3", "-3s", "3 s", "3w", "99999999999999999999s"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_is_at_most_a_month() {
        let read =
            |text: &str| Text.visit_str::<toml::de::Error>(text).map_err(|error| error.message().to_owned());
        assert_eq!(read("720h"), Ok(LONGEST));
        for text in ["31d", "2592001s", "18446744073709551615d"] {
            assert_eq!(read(text), Err(format!("`{text}` is too long; the most is \"30d\"")));
        }
    }
}
