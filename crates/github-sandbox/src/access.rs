//! Who asks: the credential of a request, and what it may reach while the request is carried out.
//!
//! Invariant: nothing is read or written before the credential was accepted, and what it may reach is set for exactly
//! one request.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::header::AUTHORIZATION;

use crate::call::{Call, Refusal};
use crate::state::{Acting, Budget, Budgets, Grant, Resource, World};

/// What an hour without a token allows.
const ANONYMOUS_LIMIT: u64 = 60;

/// The token of `Bearer`, `token` or Basic authorization.
pub(crate) fn bearer(call: &Call) -> Option<String> {
    let value = call.header(AUTHORIZATION)?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
        return pair.split_once(':').map(|(_, password)| password.to_owned());
    }
    Some(rest.trim().to_owned())
}

/// Whether these addresses are asked by an app as itself.
pub(crate) fn is_for_apps(segments: &[String]) -> bool {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    matches!(
        segments.as_slice(),
        ["app", ..] | ["repos", _, _, "installation"] | ["orgs" | "users", _, "installation"]
    )
}

/// Accepts a token and gives what it may reach; nothing for a request without one.
pub(crate) fn acting(world: &World, token: Option<&str>) -> Result<Option<Acting>, Refusal> {
    let Some(token) = token else { return Ok(None) };
    let bad = || Refusal::Status(401, "Bad credentials".to_owned());
    let token = world.tokens.get(token).ok_or_else(bad)?;
    let mut acting = Acting {
        user: token.user,
        installation: None,
        repos: None,
        permissions: None,
        without_sso: token.without_sso.clone(),
    };
    match &token.grant {
        Grant::Whole => {}
        Grant::Fine { repos, permissions } => {
            acting.repos.clone_from(repos);
            acting.permissions = Some(permissions.clone());
        }
        Grant::Installation { id, repos, permissions, expires_at } => {
            let installation = world.installations.get(id).ok_or_else(bad)?;
            if *expires_at <= world.clock.now() {
                return Err(bad());
            }
            if installation.suspended_at.is_some() {
                return Err(Refusal::forbidden("This installation has been suspended"));
            }
            acting.installation = Some(*id);
            acting.repos.clone_from(repos);
            acting.permissions = Some(permissions.clone());
        }
    }
    Ok(Some(acting))
}

/// How much a credential has of something.
pub(crate) fn limit_of(world: &World, token: Option<&str>, resource: Resource) -> u64 {
    match (resource, token) {
        (Resource::Search, Some(_)) => 30,
        (Resource::Search, None) => 10,
        (Resource::Core | Resource::Graphql, Some(_)) => world.primary_limit,
        (Resource::Core | Resource::Graphql, None) => ANONYMOUS_LIMIT,
    }
}

/// The counter a credential draws from: its own, its installation's, or everybody's.
pub(crate) fn budget<'a>(world: &'a mut World, token: Option<&str>, resource: Resource) -> &'a mut Budget {
    let now = world.now();
    let budget = budgets(world, token).of(resource);
    budget.refresh(now, resource);
    budget
}

fn budgets<'a>(world: &'a mut World, token: Option<&str>) -> &'a mut Budgets {
    let Some(token) = token else { return &mut world.anonymous };
    let Some(token) = world.tokens.get_mut(token) else { return &mut world.apps_budget };
    match token.grant {
        Grant::Installation { id, .. } => match world.installations.get_mut(&id) {
            Some(installation) => &mut installation.budgets,
            None => &mut token.budgets,
        },
        Grant::Whole | Grant::Fine { .. } => &mut token.budgets,
    }
}
