//! The sandbox as a process of its own: prints how to reach it, and serves until it is told to stop.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use github_sandbox::{Access, DEFAULT_LOGIN, DEFAULT_TOKEN, Fault, Mail, Receiver, RepoSettings, Sandbox};

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

    /// Make a GitHub App, installed for the owner of every repository made here
    #[arg(long, value_name = "ID=SLUG", value_parser = app, requires = "app_key")]
    app: Option<(u64, String)>,

    /// The app's key in PEM, the private or the public one
    #[arg(long, value_name = "FILE")]
    app_key: Option<PathBuf>,

    /// A script of faults: on each line what `POST /_sandbox/fault` takes
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,

    /// Let each request meet a mishap with this probability, between 0 and 1
    #[arg(long, default_value_t = 0.0, value_name = "RATE")]
    chaos: f64,

    /// What chance begins with; the same seed gives the same mishaps
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,

    /// Answer this much later, in milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency: u64,

    /// Limit what may be created to this many times GitHub's 80 a minute and 500 an hour
    #[arg(long, value_name = "SCALE")]
    limits: Option<f64>,

    /// Post webhooks to this http:// address as things happen
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,

    /// Sign webhooks with this; without --webhook they wait, and `/_sandbox/deliveries` hands them out
    #[arg(long, value_name = "SECRET")]
    webhook_secret: Option<String>,

    /// Lose, double and delay so many of a thousand webhooks, and shuffle them, by --seed: lose=100,double=50,delay=20,shuffle
    #[arg(long, value_name = "LIST", value_parser = mishaps, requires = "webhook")]
    webhook_mishaps: Option<Mail>,

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

fn app(text: &str) -> Result<(u64, String), String> {
    match text.split_once('=') {
        Some((id, slug)) if !slug.is_empty() => match id.parse() {
            Ok(id) => Ok((id, slug.to_owned())),
            Err(_) => Err(format!("`{id}` is not the number of an app")),
        },
        _ => Err(format!("`{text}` is not ID=SLUG")),
    }
}

fn mishaps(text: &str) -> Result<Mail, String> {
    let mut mail = Mail::default();
    for part in text.split(',') {
        let (name, number) = part.split_once('=').unwrap_or((part, "1000"));
        let number = number.parse().map_err(|_| format!("`{number}` is not a number of a thousand"))?;
        match name.trim() {
            "lose" => mail.lose = number,
            "double" => mail.double = number,
            "delay" => mail.delay = number,
            "shuffle" => mail.shuffle = true,
            other => {
                return Err(format!(
                    "`{other}` is no mishap of webhooks; there are lose, double, delay, shuffle"
                ));
            }
        }
    }
    Ok(mail)
}

/// What goes beyond people and repositories.
fn set_up(sandbox: &Sandbox, options: &Options) -> anyhow::Result<()> {
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
    };
    if let (Some((id, slug)), Some(key)) = (&options.app, &options.app_key) {
        sandbox.add_app(*id, slug, &read(key)?)?;
        let owners =
            options.repos.iter().chain(&options.public_repos).filter_map(|repo| repo.split_once('/'));
        for owner in owners.map(|(owner, _)| owner).collect::<BTreeSet<_>>() {
            sandbox.install_app(*id, owner, &Access::default())?;
        }
    }
    if let Some(path) = &options.faults {
        let script = Fault::script(&read(path)?)
            .with_context(|| format!("{} is no script of faults", path.display()))?;
        for fault in script {
            sandbox.fault(fault);
        }
    }
    match (&options.webhook, &options.webhook_secret) {
        (Some(url), secret) => {
            let mail = Mail { seed: options.seed, ..options.webhook_mishaps.unwrap_or_default() };
            let to = Receiver::at(url).mail(mail);
            sandbox.post_webhooks(secret.as_deref().into_iter().fold(to, Receiver::secret))?;
        }
        (None, Some(secret)) => sandbox.enable_webhooks(Some(secret)),
        (None, None) => {}
    }
    if let Some(scale) = options.limits {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float becomes the nearest it can"
        )]
        let scaled = |limit: f64| Some((limit * scale).max(1.0) as u32);
        sandbox.content_limit(scaled(80.0), scaled(500.0));
    }
    sandbox.latency(Duration::from_millis(options.latency));
    sandbox.chaos(options.chaos, options.seed)
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
    set_up(&sandbox, &options)?;
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
