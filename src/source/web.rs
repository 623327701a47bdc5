//! A report behind an address: fetched once, within limits, and never from where it must not be fetched.
//!
//! Invariants:
//! * Every address is checked before it is asked, the first one and each that a redirect names: HTTPS, or plain HTTP to
//!   a host that the configuration names; no password in it; never from HTTPS back to HTTP. Addresses that are numbers
//!   are judged here, names by [`resolve`](super::resolve) when they are looked up.
//! * Nothing is read for ever: size, redirects, the time without a byte and the time as a whole have an end.
//! * No credentials, cookies or referrers are sent, and no proxy is asked: a proxy would look names up itself.
//!
//! Any port will do. Behind TLS nothing answers that is not made for it, and plain HTTP goes only where that was allowed.

use std::{net::IpAddr, sync::Arc, time::Duration};

use reqwest::{StatusCode, header, redirect};
use url::{Host, Url};

use super::{
    address::{Allowed, NotPublic},
    place::shown,
    resolve::{Guard, NoHost, System},
};

/// How often a page may say that it is elsewhere.
const MOST_REDIRECTS: usize = 5;

/// The longest time in which nothing comes.
const LONGEST_SILENCE: Duration = Duration::from_secs(15);

/// The longest time until a server takes the call.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// What is understood, best first; servers that have the source of a page give it to who asks.
const ACCEPT: &str = "text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, text/*;q=0.8, */*;q=0.5";

/// The words of an address that only asks who one is.
const SIGN_IN: [&str; 9] =
    ["login", "signin", "sign_in", "sign-in", "logon", "sso", "saml", "saml2", "oauth2"];

/// How addresses are fetched.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The places inside that may be asked.
    pub allowed: Allowed,
    /// How long everything may take.
    pub timeout: Duration,
    /// The most bytes of a page.
    pub max_bytes: usize,
}

/// What was behind an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Where it was in the end.
    pub(super) url: Url,
    /// What the server calls it, without parameters.
    pub(super) content_type: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebError {
    /// Neither HTTPS nor HTTP.
    #[error("reports are fetched by https, not by {0}")]
    Scheme(String),
    /// Not encrypted, to a host for which that was not allowed.
    #[error("{0} would be asked without encryption")]
    NotEncrypted(String),
    /// There is a name or a password in it.
    #[error("there is a name or a password in the address")]
    Credentials,
    /// It is inside.
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
    /// A page led to an address that is refused.
    #[error("it leads to {to}, which is refused")]
    LeadsTo {
        /// Where to.
        to: String,
        /// Why not.
        #[source]
        why: Box<Self>,
    },
    /// From HTTPS back to HTTP.
    #[error("it leads from https to http")]
    Downgrade,
    /// Pages that only lead to each other.
    #[error("it leads to another address more than {MOST_REDIRECTS} times")]
    TooManyRedirects,
    /// It is elsewhere, and does not say where.
    #[error("it leads to no address that can be read")]
    BadRedirect,
    /// There is nothing.
    #[error("there is nothing at this address (status {0})")]
    NotFound(u16),
    /// One has to be somebody.
    #[error("one has to sign in to see it (status {0})")]
    SignIn(u16),
    /// It leads to a page that asks who one is.
    #[error("it leads to a page to sign in, at {0}")]
    SignInPage(String),
    /// The server is asked too often.
    #[error("the server asks to come back later (status 429)")]
    TooOften,
    /// The server has a fault.
    #[error("the server failed (status {0})")]
    Server(u16),
    /// Anything else that is no success.
    #[error("the server refused (status {0})")]
    Refused(u16),
    /// The name is nowhere.
    #[error("there is no host {0}")]
    NoHost(String),
    /// Nobody takes the call.
    #[error("cannot reach {host}: {message}")]
    Unreachable {
        /// Who.
        host: String,
        /// Why.
        message: String,
    },
    /// It cannot be proven who answers, or nothing there speaks TLS.
    #[error("{host} has no certificate to trust: {message}")]
    Tls {
        /// Who.
        host: String,
        /// Why.
        message: String,
    },
    /// It takes too long.
    #[error("no answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// The answer ended before its end.
    #[error("the answer broke off: {0}")]
    BrokeOff(String),
    /// It is no report, or not only one.
    #[error("more than {} MB are too much for a report", .0 >> 20)]
    TooLarge(usize),
    /// It is compressed although that was not asked for.
    #[error("the server sends it compressed ({0}), though nobody asked for that")]
    Compressed(String),
}

impl WebError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        const SAVE: &str = "save the page as a file, and name the file";
        match self {
            Self::NotPublic(NotPublic { host, .. }) => {
                let host = host.split(' ').next().unwrap_or(host);
                format!(
                    "if it is meant, add allow_private = [\"{host}\"] under [sources] in followup.toml; or {SAVE}"
                )
            }
            Self::NotEncrypted(host) => {
                format!(
                    "write https://; or, inside your own network, add allow_private = [\"{host}\"] under [sources] in \
                     followup.toml"
                )
            }
            // Nobody has looked at that address: it is not advised to open it.
            Self::LeadsTo { .. } => format!("name the address that is meant; or {SAVE}"),
            Self::NotFound(_) | Self::NoHost(_) => "check the address".to_owned(),
            Self::TooOften | Self::Server(_) | Self::BrokeOff(_) => {
                format!("run the command again in a while; or {SAVE}")
            }
            Self::Unreachable { .. } => format!("check the address and the network; or {SAVE}"),
            Self::TimedOut(_) => {
                format!(
                    "run the command again, or raise `timeout` under [sources] in followup.toml; or {SAVE}"
                )
            }
            Self::TooLarge(_) => {
                "name the report itself, or save it without what is embedded in it".to_owned()
            }
            Self::Scheme(_)
            | Self::Credentials
            | Self::Downgrade
            | Self::TooManyRedirects
            | Self::BadRedirect
            | Self::SignIn(_)
            | Self::SignInPage(_)
            | Self::Refused(_)
            | Self::Tls { .. }
            | Self::Compressed(_) => SAVE.to_owned(),
        }
    }
}

/// The way to the web.
#[derive(Debug)]
pub(super) struct Web {
    client: reqwest::Client,
    allowed: Arc<Allowed>,
    timeout: Duration,
    max_bytes: usize,
}

impl Web {
    pub(super) fn new(settings: &Settings) -> Result<Self, WebError> {
        // Fails only when it was done before.
        drop(rustls::crypto::ring::default_provider().install_default());
        let allowed = Arc::new(settings.allowed.clone());
        let client = reqwest::Client::builder()
            .user_agent(concat!("followup/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .referer(false)
            .redirect(redirect::Policy::none())
            .dns_resolver(Arc::new(Guard::new(Arc::clone(&allowed), System)))
            .connect_timeout(settings.timeout.min(LONGEST_CONNECT))
            .read_timeout(settings.timeout.min(LONGEST_SILENCE))
            .build()
            .map_err(|error| WebError::Unreachable { host: "the web".to_owned(), message: chain(&error) })?;
        Ok(Self { client, allowed, timeout: settings.timeout, max_bytes: settings.max_bytes })
    }

    /// What is behind `url`, wherever it leads to.
    pub(super) async fn get(&self, url: &Url) -> Result<Page, WebError> {
        match tokio::time::timeout(self.timeout, self.follow(url)).await {
            Ok(page) => page,
            Err(_) => Err(WebError::TimedOut(self.timeout)),
        }
    }

    async fn follow(&self, first: &Url) -> Result<Page, WebError> {
        check(first, &self.allowed)?;
        let mut url = first.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.ask(&url).await.map_err(|error| match error {
                WebError::NotPublic(_) if url != *first => {
                    WebError::LeadsTo { to: shown(&url), why: Box::new(error) }
                }
                error => error,
            })?;
            if !response.status().is_redirection() {
                return self.read(response, url).await;
            }
            let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let to = next(&url, location.ok_or(WebError::BadRedirect)?, &self.allowed)?;
            url = to;
        }
        Err(WebError::TooManyRedirects)
    }

    async fn ask(&self, url: &Url) -> Result<reqwest::Response, WebError> {
        let request = self
            .client
            .get(url.clone())
            .header(header::ACCEPT, ACCEPT)
            .header(header::ACCEPT_ENCODING, "identity");
        request.send().await.map_err(|error| self.failure(url, &error))
    }

    async fn read(&self, mut response: reqwest::Response, url: Url) -> Result<Page, WebError> {
        accept(response.status())?;
        let text = |name: header::HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let encoding =
            text(header::CONTENT_ENCODING).filter(|encoding| !encoding.eq_ignore_ascii_case("identity"));
        if let Some(encoding) = encoding {
            return Err(WebError::Compressed(encoding));
        }
        let content_type = text(header::CONTENT_TYPE)
            .map(|value| value.split(';').next().unwrap_or_default().trim().to_lowercase());
        // A server can say anything, so what comes is counted as well.
        if response.content_length().is_some_and(|length| length > self.max_bytes as u64) {
            return Err(WebError::TooLarge(self.max_bytes));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failure(&url, &error))? {
            if bytes.len() + chunk.len() > self.max_bytes {
                return Err(WebError::TooLarge(self.max_bytes));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Page { url, content_type, bytes })
    }

    /// What a failed exchange means to a person.
    fn failure(&self, url: &Url, error: &reqwest::Error) -> WebError {
        let host = url.host_str().unwrap_or_default().to_owned();
        if let Some(refused) = cause::<NotPublic>(error) {
            return WebError::NotPublic(refused.clone());
        }
        if let Some(NoHost { host, .. }) = cause(error) {
            return WebError::NoHost(host.clone());
        }
        if let Some(tls) = cause::<rustls::Error>(error) {
            return WebError::Tls { host, message: tls.to_string() };
        }
        if error.is_timeout() {
            return WebError::TimedOut(self.timeout.min(LONGEST_SILENCE));
        }
        if error.is_connect() {
            return WebError::Unreachable { host, message: chain(error) };
        }
        WebError::BrokeOff(chain(error))
    }
}

/// Whether `url` may be asked, as far as it tells by itself.
fn check(url: &Url, allowed: &Allowed) -> Result<(), WebError> {
    let scheme = url.scheme();
    let Some(host) = url.host().filter(|_| matches!(scheme, "https" | "http")) else {
        return Err(WebError::Scheme(scheme.to_owned()));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WebError::Credentials);
    }
    if scheme == "http" && !allowed.names(&host) {
        return Err(WebError::NotEncrypted(host.to_string()));
    }
    let address: IpAddr = match host {
        // A connection to a number is made without looking anything up.
        Host::Ipv4(address) => address.into(),
        Host::Ipv6(address) => address.into(),
        Host::Domain(_) => return Ok(()),
    };
    Ok(allowed.check(&host, address)?)
}

/// Where a page leads to, when that may be asked.
fn next(from: &Url, location: &str, allowed: &Allowed) -> Result<Url, WebError> {
    let to = from.join(location).map_err(|_| WebError::BadRedirect)?;
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(WebError::Downgrade);
    }
    check(&to, allowed).map_err(|why| WebError::LeadsTo { to: shown(&to), why: Box::new(why) })?;
    if is_sign_in(&to) {
        return Err(WebError::SignInPage(shown(&to)));
    }
    Ok(to)
}

fn accept(status: StatusCode) -> Result<(), WebError> {
    match status.as_u16() {
        200..=299 => Ok(()),
        401 | 403 | 407 => Err(WebError::SignIn(status.as_u16())),
        404 | 410 => Err(WebError::NotFound(status.as_u16())),
        429 => Err(WebError::TooOften),
        500.. => Err(WebError::Server(status.as_u16())),
        other => Err(WebError::Refused(other)),
    }
}

/// Whether an address that a page leads to asks who one is.
fn is_sign_in(url: &Url) -> bool {
    let mut words = url.path().split(['/', '.']).map(str::to_lowercase);
    words.any(|word| SIGN_IN.contains(&word.as_str()))
}

/// The cause of this type, however deep it lies.
fn cause<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // What an I/O error was made of is not its source.
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// What lies at the bottom of an error; above it stand only the names of libraries' layers, and the address.
fn chain(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// The places that a configuration names.
    fn allowed(places: &[&str]) -> Allowed {
        serde_json::from_value(serde_json::json!(places)).unwrap()
    }

    #[test]
    fn what_may_be_asked() {
        let allowed = allowed(&["wiki.acme.test", "10.0.0.0/8"]);
        for address in [
            "https://acme.test/r.md",
            "https://acme.test:8443/r.md",
            "https://93.184.216.34/",
            "https://wiki.acme.test/",
            "http://wiki.acme.test/",
            "http://10.1.2.3:8080/",
        ] {
            assert_eq!(check(&url(address), &allowed), Ok(()), "{address}");
        }
        for (address, expected) in [
            ("ftp://acme.test/r.md", "reports are fetched by https, not by ftp"),
            ("file:///etc/passwd", "reports are fetched by https, not by file"),
            ("data://text/plain,x", "reports are fetched by https, not by data"),
            ("http://acme.test/", "acme.test would be asked without encryption"),
            ("http://93.184.216.34/", "93.184.216.34 would be asked without encryption"),
            ("https://me@acme.test/", "there is a name or a password in the address"),
            ("https://:hunter2@acme.test/", "there is a name or a password in the address"),
            ("https://127.1:8443/", "127.0.0.1 is this machine"),
            ("https://[::ffff:c0a8:1]/", "::ffff:192.168.0.1 is a private network"),
        ] {
            assert_eq!(check(&url(address), &allowed).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn where_a_page_may_lead_to() {
        let allowed = allowed(&["wiki.acme.test"]);
        let leads = |from: &str, to: &str| next(&url(from), to, &allowed);
        for (from, to, expected) in [
            ("https://acme.test/a/b", "c", "https://acme.test/a/c"),
            ("https://acme.test/a/b", "/c?d", "https://acme.test/c?d"),
            ("https://acme.test/a", "//other.test/b", "https://other.test/b"),
            ("http://wiki.acme.test/a", "https://acme.test/", "https://acme.test/"),
            ("http://wiki.acme.test/a", "/b", "http://wiki.acme.test/b"),
        ] {
            assert_eq!(leads(from, to).unwrap().as_str(), expected);
        }
        for (to, expected) in [
            ("http://wiki.acme.test/", "it leads from https to http"),
            ("http://169.254.169.254/latest", "it leads from https to http"),
            (
                "https://169.254.169.254/latest",
                "it leads to https://169.254.169.254/latest, which is refused",
            ),
            ("//0x7f.1/", "it leads to https://127.0.0.1/, which is refused"),
            ("https://me:hunter2@acme.test/", "it leads to https://acme.test/, which is refused"),
            ("file:///etc/passwd", "it leads to file:///etc/passwd, which is refused"),
            ("https://", "it leads to no address that can be read"),
            (
                "/users/Sign_In?next=%2Fr",
                "it leads to a page to sign in, at https://acme.test/users/Sign_In?next=%2Fr",
            ),
            (
                "https://id.acme.test/login.php",
                "it leads to a page to sign in, at https://id.acme.test/login.php",
            ),
        ] {
            assert_eq!(leads("https://acme.test/r", to).unwrap_err().to_string(), expected);
        }
    }
}
