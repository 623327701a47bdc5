//! The names of hosts, looked up by ourselves, so that a connection goes to an address that was checked.
//!
//! Invariant: what this hands out is what is connected to, and every address in it was allowed. A name that changes its
//! address between two look-ups gains nothing, because nothing is looked up twice for one connection.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use super::address::{Allowed, NotPublic};

/// Addresses that will be known.
pub(super) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Something that knows the addresses of names.
pub(super) trait Lookup: Send + Sync + 'static {
    fn addresses_of(&self, name: &str) -> Found;
}

/// The operating system.
#[derive(Clone, Copy, Debug)]
pub(super) struct System;

impl Lookup for System {
    fn addresses_of(&self, name: &str) -> Found {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A name has no address.
#[derive(Debug, thiserror::Error)]
#[error("there is no host {host}")]
pub(super) struct NoHost {
    pub(super) host: String,
    #[source]
    source: Option<io::Error>,
}

/// Looks names up, and hands out only addresses that may be spoken to.
#[derive(Debug)]
pub(super) struct Guard<L> {
    allowed: Arc<Allowed>,
    lookup: L,
}

impl<L: Lookup> Guard<L> {
    pub(super) fn new(allowed: Arc<Allowed>, lookup: L) -> Self {
        Self { allowed, lookup }
    }
}

impl<L: Lookup> Resolve for Guard<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, found) = (Arc::clone(&self.allowed), self.lookup.addresses_of(name.as_str()));
        Box::pin(async move {
            let host = name.as_str();
            let addresses =
                found.await.map_err(|source| NoHost { host: host.to_owned(), source: Some(source) })?;
            let mut refused = None::<NotPublic>;
            let mut open = Vec::new();
            for address in addresses {
                match allowed.check(&Host::Domain(host), address) {
                    Ok(()) => open.push(SocketAddr::new(address, 0)),
                    Err(error) => refused = refused.or(Some(error)),
                }
            }
            match (open.is_empty(), refused) {
                (false, _) => Ok(Box::new(open.into_iter()) as Addrs),
                (true, Some(refused)) => Err(refused.into()),
                (true, None) => Err(NoHost { host: host.to_owned(), source: None }.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A name server that answers one thing after the other.
    struct Fickle(Mutex<Vec<&'static [&'static str]>>);

    impl Lookup for Fickle {
        fn addresses_of(&self, name: &str) -> Found {
            assert_eq!(name, "wiki.acme.test");
            let answer = self.0.lock().unwrap().remove(0);
            Box::pin(async move { Ok(answer.iter().map(|address| address.parse().unwrap()).collect()) })
        }
    }

    async fn resolved(guard: &Guard<Fickle>) -> Result<Vec<String>, String> {
        let found = guard.resolve("wiki.acme.test".parse().unwrap()).await;
        found
            .map(|found| found.map(|address| address.ip().to_string()).collect())
            .map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_name_that_changes_its_address_leads_nowhere_inside() {
        let answers: Vec<&[&str]> = vec![
            &["93.184.216.34"],
            &["127.0.0.1"],
            &["10.0.0.1", "2606:2800:220:1::1", "169.254.169.254", "93.184.216.34"],
            &["::ffff:10.0.0.1", "fd00::1"],
            &[],
        ];
        let guard = Guard::new(Arc::default(), Fickle(Mutex::new(answers)));
        assert_eq!(resolved(&guard).await, Ok(vec!["93.184.216.34".to_owned()]));
        assert_eq!(resolved(&guard).await, Err("wiki.acme.test (127.0.0.1) is this machine".to_owned()));
        assert_eq!(
            resolved(&guard).await,
            Ok(vec!["2606:2800:220:1::1".to_owned(), "93.184.216.34".to_owned()])
        );
        assert_eq!(
            resolved(&guard).await,
            Err("wiki.acme.test (::ffff:10.0.0.1) is a private network".to_owned())
        );
        assert_eq!(resolved(&guard).await, Err("there is no host wiki.acme.test".to_owned()));
    }
}
