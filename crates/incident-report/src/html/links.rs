//! Where links lead.
//!
//! Invariant: what a link gives is an address that can be opened without running anything.

/// The address of a link, where it leads out of the page: http(s), mail, or a path. What a mail program or an
/// editor wrapped around it is taken off.
pub(crate) fn target(written: &str) -> Option<String> {
    // Browsers drop these wherever they stand, so that they can hide a scheme.
    let address: String = written.trim().chars().filter(|c| !c.is_control()).collect();
    if address.is_empty() || address.starts_with('#') {
        return None;
    }
    let scheme = address.split([':', '/', '?', '#']).next().unwrap_or_default();
    let has_scheme = address[scheme.len()..].starts_with(':');
    let is_known = ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if has_scheme && !is_known {
        return None;
    }
    Some(unwrapped(&address).unwrap_or(address))
}

/// Parts of addresses that are left out of footnotes and comments.
const NOTES: [&str; 7] = ["#cmnt", "#ftnt", "#_ftn", "#_edn", "#_msocom", "#fn", "#cite_note"];

/// Whether a link only leads to a note of the page.
pub(crate) fn is_note(written: &str) -> bool {
    NOTES.iter().any(|note| written.starts_with(note))
}

/// The address inside the address of a service that only sends people on.
fn unwrapped(address: &str) -> Option<String> {
    let (service, key) =
        [("https://www.google.com/url?", "q"), (".safelinks.protection.outlook.com/?", "url")]
            .into_iter()
            .find(|(service, _)| address.get(..120).unwrap_or(address).contains(service))?;
    let (_, query) = address.split_once(service)?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))?;
    let inner = percent_decoded(value)?;
    ["http://", "https://"].iter().any(|scheme| inner.starts_with(scheme)).then_some(inner)
}

fn percent_decoded(written: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |b: u8| char::from(b).to_digit(16);
                let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
                u8::try_from(value).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok().filter(|decoded| !decoded.contains(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_can_be_opened_safely() {
        for bad in [
            "javascript:alert(1)",
            " JaVa\nscript:x",
            "data:text/html,x",
            "vbscript:x",
            "#top",
            " ",
            "file:///etc",
        ] {
            assert_eq!(target(bad), None, "{bad}");
        }
        for good in
            ["https://acme.test/a?b=c:d", "../runbooks/7", "/browse/OPS-7", "mailto:ann@acme.test", "x/y:z"]
        {
            assert_eq!(target(good).as_deref(), Some(good));
        }
    }

    #[test]
    fn what_is_wrapped_around_an_address_goes() {
        let wrapped = "https://www.google.com/url?q=https://acme.test/a%3Fb%3D1&sa=D&ust=1";
        assert_eq!(target(wrapped).as_deref(), Some("https://acme.test/a?b=1"));
        let broken = "https://www.google.com/url?q=%zz";
        assert_eq!(target(broken).as_deref(), Some(broken));
    }
}
