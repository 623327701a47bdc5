//! The time zone of the configuration, as IANA names it: `Africa/Kampala`.

use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Deserializer, de::Error};

use super::error::nearest;

/// Reads a time zone from a string.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| D::Error::custom(refusal(&text)))
}

fn refusal(text: &str) -> String {
    // People know the city, and not always its continent.
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).to_owned();
    let found = nearest(&city(text), TZ_VARIANTS.map(|zone| city(zone.name())).iter().map(String::as_str));
    let zone = found.and_then(|found| TZ_VARIANTS.iter().find(|zone| city(zone.name()) == found));
    match zone {
        Some(zone) => format!("`{text}` is not a time zone; did you mean `{zone}`?"),
        None => format!("`{text}` is not a time zone; write it as `Africa/Kampala`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_by_its_city() {
        assert_eq!(refusal("Kampala"), "`Kampala` is not a time zone; did you mean `Africa/Kampala`?");
        assert_eq!(
            refusal("Europe/berlin"),
            "`Europe/berlin` is not a time zone; did you mean `Europe/Berlin`?"
        );
        assert_eq!(refusal("?"), "`?` is not a time zone; write it as `Africa/Kampala`");
    }
}
