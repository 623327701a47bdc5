//! Apps, installations and tokens that may do only some things, as a test sets them up.

use std::collections::BTreeSet;

use anyhow::Context as _;

use super::{Sandbox, people};
use crate::jwt;
use crate::state::{Grant, Level, Permissions, RepoId, UserKind, World};

/// A private key made for tests and for nothing else; [`Sandbox::add_app`] takes it as it is.
pub const TEST_APP_KEY: &str = include_str!("../test-app.pem");

/// What an installation or a fine-grained token reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Repositories as `owner/name`; nothing is all of them.
    pub repos: Option<Vec<String>>,
    /// Permissions by name, as `("issues", "write")`.
    pub permissions: Vec<(String, String)>,
}

impl Default for Access {
    /// Every repository, and what Followup asks for: issues to write, metadata to read.
    fn default() -> Self {
        Self { repos: None, permissions: Vec::new() }.with("issues", "write").with("metadata", "read")
    }
}

impl Access {
    /// Only these repositories.
    #[must_use]
    pub fn to(mut self, repos: &[&str]) -> Self {
        self.repos = Some(repos.iter().map(|&repo| repo.to_owned()).collect());
        self
    }

    /// One permission, `read`, `write` or `admin`; any other level takes it away.
    #[must_use]
    pub fn with(mut self, permission: &str, level: &str) -> Self {
        self.permissions.retain(|(name, _)| name != permission);
        self.permissions.push((permission.to_owned(), level.to_owned()));
        self
    }

    /// Without a permission.
    #[must_use]
    pub fn without(mut self, permission: &str) -> Self {
        self.permissions.retain(|(name, _)| name != permission);
        self
    }

    pub(crate) fn read(&self, world: &World) -> anyhow::Result<(Option<BTreeSet<RepoId>>, Permissions)> {
        let repos = match &self.repos {
            Some(names) => {
                Some(names.iter().map(|name| people::repo(world, name)).collect::<Result<_, _>>()?)
            }
            None => None,
        };
        let level = |text: &str| match text {
            "read" => Some(Level::Read),
            "write" => Some(Level::Write),
            "admin" => Some(Level::Admin),
            _ => None,
        };
        let permissions = self.permissions.iter();
        Ok((repos, permissions.filter_map(|(name, text)| Some((name.clone(), level(text)?))).collect()))
    }
}

impl Sandbox {
    /// Makes a GitHub App that signs with this key: a public key in PEM, or a private one, of which only the public
    /// half is kept. It acts as the bot `SLUG[bot]`.
    pub fn add_app(&self, id: u64, slug: &str, key_pem: &str) -> anyhow::Result<()> {
        let key = jwt::public_key(key_pem)?;
        self.desk(|desk| desk.world.add_app(id, slug, "acme", key));
        Ok(())
    }

    /// Installs an app for an organisation and gives the installation's id.
    pub fn install_app(&self, app: u64, account: &str, access: &Access) -> anyhow::Result<u64> {
        self.desk(|desk| {
            anyhow::ensure!(desk.world.apps.contains_key(&app), "there is no app {app}");
            let (repos, permissions) = access.read(&desk.world)?;
            Ok(desk.world.install_app(app, account, repos, permissions))
        })
    }

    /// Changes what an installation reaches; tokens that it has already never reach more than this.
    pub fn change_installation(&self, id: u64, access: &Access) -> anyhow::Result<()> {
        self.desk(|desk| {
            let (repos, mut permissions) = access.read(&desk.world)?;
            permissions.entry("metadata".to_owned()).or_insert(Level::Read);
            let installation =
                desk.world.installations.get_mut(&id).context("there is no such installation")?;
            installation.repos = repos;
            installation.permissions = permissions;
            Ok(())
        })
    }

    /// Suspends an installation, or lets it work again.
    pub fn suspend_installation(&self, id: u64, suspended: bool) -> anyhow::Result<()> {
        self.desk(|desk| {
            anyhow::ensure!(desk.world.installations.contains_key(&id), "there is no such installation");
            desk.world.suspend_installation(id, suspended);
            Ok(())
        })
    }

    /// Removes an installation; its tokens end with it.
    pub fn remove_installation(&self, id: u64) {
        self.desk(|desk| desk.world.remove_installation(id));
    }

    /// How many tokens installations were given.
    #[must_use]
    pub fn tokens_minted(&self) -> u64 {
        self.desk(|desk| desk.world.tokens_minted)
    }

    /// Accepts a fine-grained personal token of somebody, who is made if need be.
    pub fn add_fine_grained_token(&self, token: &str, login: &str, access: &Access) -> anyhow::Result<()> {
        self.desk(|desk| {
            let (repos, permissions) = access.read(&desk.world)?;
            let user = desk.world.ensure_user(login, UserKind::User);
            desk.world.add_token(token, user);
            if let Some(made) = desk.world.tokens.get_mut(token) {
                made.grant = Grant::Fine { repos, permissions };
            }
            Ok(())
        })
    }

    /// Whether a token was authorised for an organisation's single sign-on. Until this says no, it was.
    pub fn authorize_sso(&self, token: &str, organization: &str, authorized: bool) -> anyhow::Result<()> {
        self.desk(|desk| {
            let organization = desk.world.ensure_user(organization, UserKind::Organization);
            let token = desk.world.tokens.get_mut(token).context("there is no such token")?;
            if authorized {
                token.without_sso.remove(&organization);
            } else {
                token.without_sso.insert(organization);
            }
            Ok(())
        })
    }
}
