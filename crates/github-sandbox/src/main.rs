//! The sandbox as a process of its own: prints how to reach it, and serves until it is told to stop.

use std::io::Write as _;

use anyhow::Context as _;
use clap::Parser;
use github_sandbox::{DEFAULT_LOGIN, DEFAULT_TOKEN, RepoSettings, Sandbox};

/// A GitHub issues API on 127.0.0.1, for trying things out
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Listen on this port; 0 takes a free one
    #[arg(long, default_value_t = 8090)]
    port: u16,

    /// Make a private repository in which everybody has push access; may be repeated
    #[arg(long = "repo", value_name = "OWNER/NAME", value_parser = repository)]
    repos: Vec<String>,

    /// Make a public repository in which only the default token's user has push access; may be repeated
    #[arg(long = "public", value_name = "OWNER/NAME", value_parser = repository)]
    public_repos: Vec<String>,

    /// Accept a token as somebody's; may be repeated
    #[arg(long = "token", value_name = "TOKEN=LOGIN", value_parser = token)]
    tokens: Vec<(String, String)>,

    /// Make a person; may be repeated
    #[arg(long = "user", value_name = "LOGIN")]
    users: Vec<String>,

    /// Requests, and GraphQL points, that each token has per hour
    #[arg(long, default_value_t = 5_000, value_name = "N")]
    primary_limit: u64,
}

fn repository(text: &str) -> Result<String, String> {
    match text.split('/').collect::<Vec<_>>()[..] {
        [owner, name] if !owner.is_empty() && !name.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is not a repository; expected OWNER/NAME")),
    }
}

fn token(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((token, login)) if !token.is_empty() && !login.is_empty() => {
            Ok((token.to_owned(), login.to_owned()))
        }
        _ => Err(format!("`{text}` is not TOKEN=LOGIN")),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut options = Options::parse();
    if options.repos.is_empty() && options.public_repos.is_empty() {
        options.repos.push("acme/platform".to_owned());
    }
    let sandbox = Sandbox::builder().port(options.port).start()?;
    sandbox.primary_limit(options.primary_limit);
    for login in &options.users {
        sandbox.add_user(login);
    }
    for (token, login) in &options.tokens {
        sandbox.add_token(token, login);
    }
    for repo in &options.repos {
        sandbox.add_repo(repo);
    }
    for repo in &options.public_repos {
        sandbox.add_repo_with(repo, &RepoSettings::public(&[DEFAULT_LOGIN]));
    }
    let repo = options.repos.first().or(options.public_repos.first()).map_or("acme/platform", String::as_str);
    greet(&sandbox.url(), repo)?;
    stop_asked_for().await?;
    sandbox.stop();
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is what the program has to say")]
fn greet(url: &str, repo: &str) -> anyhow::Result<()> {
    println!(
        "listening on {url}
token {DEFAULT_TOKEN} (user {DEFAULT_LOGIN})

export FOLLOWUP_GITHUB_API_URL={url} GH_TOKEN={DEFAULT_TOKEN}
curl -H 'Authorization: Bearer {DEFAULT_TOKEN}' {url}/repos/{repo}/issues
curl -H 'Authorization: Bearer {DEFAULT_TOKEN}' {url}/repos/{repo}/issues -d '{{\"title\":\"Rotate the signing key\"}}'
curl -H 'Authorization: Bearer {DEFAULT_TOKEN}' {url}/graphql -d '{{\"query\":\"{{ viewer {{ login }} }}\"}}'
curl {url}/_sandbox/close -d '{{\"repo\":\"{repo}\",\"number\":1,\"reason\":\"not_planned\",\"by\":\"octo-lead\"}}'
curl {url}/_sandbox/fault -d '{{\"on\":\"create_issue\",\"effect\":\"lose_reply\"}}'
curl {url}/_sandbox/requests
"
    );
    // Whoever started us reads the address before we end.
    std::io::stdout().flush().context("could not write to standard output")
}

#[cfg(unix)]
async fn stop_asked_for() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        asked = tokio::signal::ctrl_c() => asked.context("could not wait for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_asked_for() -> anyhow::Result<()> {
    tokio::signal::ctrl_c().await.context("could not wait for Ctrl-C")
}
