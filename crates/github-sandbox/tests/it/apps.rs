//! GitHub Apps: an app proves who it is, gets a token for an installation, and may do what the installation may.

use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use github_sandbox::{Access, RepoSettings, Sandbox, TEST_APP_KEY};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::support::Client;

const APP: u64 = 4711;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    sandbox.add_repo("acme/billing");
    sandbox.add_app(APP, "followup-app", TEST_APP_KEY).unwrap();
    sandbox
}

/// What the app says, signed.
fn signed(claims: Value) -> String {
    let pem: String = TEST_APP_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = RsaKeyPair::from_der(&STANDARD.decode(pem).unwrap()).unwrap();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let said = format!("{}.{}", part(json!({"alg": "RS256", "typ": "JWT"})), part(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said.as_bytes(), &mut signature).unwrap();
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn claims(sandbox: &Sandbox) -> Value {
    let now = sandbox.now().timestamp();
    json!({"iss": APP.to_string(), "iat": now - 60, "exp": now + 540})
}

fn as_app(sandbox: &Sandbox) -> Client {
    Client::new(sandbox, &signed(claims(sandbox)))
}

fn as_installation(sandbox: &Sandbox, id: u64, narrow: Value) -> Client {
    let made = as_app(sandbox).post(&format!("/app/installations/{id}/access_tokens"), narrow);
    assert_eq!(made.status, 201, "{}", made.text);
    Client::new(sandbox, made.body["token"].as_str().unwrap())
}

#[test]
fn an_app_finds_its_installation_and_acts_as_its_bot() {
    let sandbox = sandbox();
    let id = sandbox.install_app(APP, "acme", &Access::default()).unwrap();
    let app = as_app(&sandbox);
    assert_eq!(app.get("/app").body["slug"], "followup-app");
    let listed = app.get("/app/installations").body;
    assert_eq!((listed[0]["id"].as_u64(), listed[0]["account"]["login"].as_str()), (Some(id), Some("acme")));
    for address in [
        format!("/app/installations/{id}"),
        "/repos/acme/platform/installation".to_owned(),
        "/orgs/acme/installation".to_owned(),
    ] {
        assert_eq!(app.get(&address).body["id"].as_u64(), Some(id), "{address}");
    }
    assert_eq!(app.get("/repos/acme/nothing/installation").status, 404);

    let made = app.post(&format!("/app/installations/{id}/access_tokens"), json!({}));
    assert_eq!(made.body["expires_at"], "2026-11-23T09:00:00Z");
    assert_eq!(made.body["permissions"], json!({"issues": "write", "metadata": "read"}));
    let bot = Client::new(&sandbox, made.body["token"].as_str().unwrap());
    let issue = bot.post("/repos/acme/platform/issues", json!({"title": "t", "labels": ["x"]}));
    assert_eq!((issue.status, issue.body["user"]["login"].as_str()), (201, Some("followup-app[bot]")));
    assert_eq!(issue.body["labels"][0]["name"], "x");
    let author = bot.graphql(
        "query($id: ID!) { node(id: $id) { ... on Issue { author { login } } } }",
        json!({"id": issue.body["node_id"]}),
    );
    assert_eq!(author["data"]["node"]["author"]["login"], "followup-app");
    let refused = bot.get("/user");
    assert_eq!(
        (refused.status, refused.body["message"].as_str()),
        (403, Some("Resource not accessible by integration"))
    );
    assert_eq!(bot.get("/installation/repositories").body["total_count"], 2);
    assert_eq!(sandbox.tokens_minted(), 1);
}

#[test]
fn what_an_app_says_of_itself_is_believed_only_when_it_is_right() {
    let sandbox = sandbox();
    let now = sandbox.now().timestamp();
    let said = |change: Value| {
        let mut claims = claims(&sandbox);
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let reply = Client::new(&sandbox, &signed(claims)).get("/app");
        (reply.status, reply.body["message"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(said(json!({})).0, 200);
    assert_eq!(said(json!({"exp": now + 601})).1, "'Expiration time' claim ('exp') is too far in the future");
    assert!(said(json!({"exp": now})).1.contains("must be a numeric value representing the future time"));
    assert!(said(json!({"iat": now + 300})).1.starts_with("'Issued at' claim"));
    assert_eq!(said(json!({"iss": "1"})), (404, "Integration not found".to_owned()));
    assert_eq!(said(json!({"iss": null})), (401, "'Issuer' claim ('iss') must be an Integer".to_owned()));
    let undecodable = (401, "A JSON web token could not be decoded".to_owned());
    let forged = format!("{}AAAA", &signed(claims(&sandbox))[..400]);
    for token in [forged.as_str(), "sandbox-token", "eyJ.eyJ.x"] {
        let reply = Client::new(&sandbox, token).get("/app");
        assert_eq!((reply.status, reply.body["message"].as_str().unwrap().to_owned()), undecodable);
    }
}

#[test]
fn a_token_ends_after_an_hour_and_with_its_installation() {
    let sandbox = sandbox();
    let id = sandbox.install_app(APP, "acme", &Access::default()).unwrap();
    let bot = as_installation(&sandbox, id, json!({}));
    sandbox.advance(chrono::Duration::seconds(3599));
    assert_eq!(bot.get("/repos/acme/platform").status, 200);
    sandbox.advance(chrono::Duration::seconds(1));
    let late = bot.get("/repos/acme/platform");
    assert_eq!((late.status, late.body["message"].as_str()), (401, Some("Bad credentials")));

    let bot = as_installation(&sandbox, id, json!({}));
    sandbox.suspend_installation(id, true).unwrap();
    assert_eq!(bot.get("/repos/acme/platform").body["message"], "This installation has been suspended");
    let app = as_app(&sandbox);
    assert!(app.get(&format!("/app/installations/{id}")).body["suspended_at"].is_string());
    assert_eq!(app.post(&format!("/app/installations/{id}/access_tokens"), json!({})).status, 403);
    sandbox.suspend_installation(id, false).unwrap();
    assert_eq!(bot.get("/repos/acme/platform").status, 200);
    sandbox.remove_installation(id);
    assert_eq!(bot.get("/repos/acme/platform").status, 401);
    assert_eq!(app.post(&format!("/app/installations/{id}/access_tokens"), json!({})).status, 404);
}

#[test]
fn a_token_is_narrowed_and_never_widened() {
    let sandbox = sandbox();
    let id = sandbox.install_app(APP, "acme", &Access::default()).unwrap();
    let one = as_installation(
        &sandbox,
        id,
        json!({"repositories": ["billing"], "permissions": {"issues": "read"}}),
    );
    assert_eq!(one.get("/repos/acme/platform").status, 404);
    assert_eq!(one.get("/repos/acme/billing/issues").status, 200);
    let refused = one.post("/repos/acme/billing/issues", json!({"title": "t"}));
    assert_eq!(refused.body["message"], "Resource not accessible by integration");
    assert_eq!(refused.header("x-accepted-github-permissions"), Some("issues=write"));
    let mutation = one.graphql(
        "mutation($id: ID!) { createIssue(input: {repositoryId: $id, title: \"t\"}) { issue { number } } }",
        json!({"id": one.get("/repos/acme/billing").body["node_id"]}),
    );
    assert_eq!(mutation["errors"][0]["type"], "FORBIDDEN");
    assert_eq!(mutation["errors"][0]["message"], "Resource not accessible by integration");
    assert!(sandbox.issues("acme/billing").is_empty());

    let app = as_app(&sandbox);
    let address = format!("/app/installations/{id}/access_tokens");
    let wider = app.post(&address, json!({"permissions": {"contents": "read"}}));
    assert_eq!(
        (wider.status, wider.body["message"].as_str()),
        (422, Some("The permissions requested are not granted to this installation."))
    );
    assert_eq!(app.post(&address, json!({"repositories": ["elsewhere"]})).status, 422);
    assert_eq!(sandbox.tokens_minted(), 1);
}

#[test]
fn an_installation_that_changes_changes_the_tokens_it_has() {
    let sandbox = sandbox();
    sandbox.add_repo_with("acme/site", &RepoSettings::public(&[]));
    let id = sandbox.install_app(APP, "acme", &Access::default().to(&["acme/platform"])).unwrap();
    let bot = as_installation(&sandbox, id, json!({}));
    assert_eq!(bot.post("/repos/acme/platform/issues", json!({"title": "t"})).status, 201);
    assert_eq!(bot.get("/repos/acme/billing").status, 404);
    // A public repository is read by everybody, and written only where the app is installed.
    assert_eq!(bot.get("/repos/acme/site/issues").status, 200);
    assert_eq!(bot.post("/repos/acme/site/issues", json!({"title": "t"})).status, 403);
    let without = Access::default().to(&["acme/platform"]).without("issues");
    sandbox.change_installation(id, &without).unwrap();
    let listed = bot.get("/repos/acme/platform/issues");
    assert_eq!((listed.status, listed.header("x-accepted-github-permissions")), (403, Some("issues=read")));
    let seen = bot.graphql(
        "{ repository(owner: \"acme\", name: \"platform\") { issues(first: 1) { totalCount } } }",
        json!({}),
    );
    assert_eq!(seen["errors"][0]["type"], "FORBIDDEN");
    sandbox.change_installation(id, &Access::default().to(&["acme/billing"])).unwrap();
    assert_eq!(bot.get("/repos/acme/platform").status, 404);
    assert_eq!(bot.get("/repos/acme/billing").status, 200);
}

#[test]
fn a_fine_grained_token_reaches_what_it_was_given() {
    let sandbox = sandbox();
    let given = Access::default().to(&["acme/platform"]).with("issues", "read");
    sandbox.add_fine_grained_token("github_pat_x", "maria", &given).unwrap();
    let maria = Client::new(&sandbox, "github_pat_x");
    assert_eq!(maria.get("/user").body["login"], "maria");
    let listed = maria.get("/repos/acme/platform/issues");
    assert_eq!((listed.status, listed.header("x-accepted-github-permissions")), (200, Some("issues=read")));
    assert_eq!(maria.get("/repos/acme/billing").status, 404);
    let refused = maria.post("/repos/acme/platform/issues", json!({"title": "t"}));
    assert_eq!(
        (refused.status, refused.body["message"].as_str(), refused.header("x-accepted-github-permissions")),
        (403, Some("Resource not accessible by personal access token"), Some("issues=write"))
    );
}

#[test]
fn single_sign_on_has_to_be_confirmed() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox, "sandbox-token");
    sandbox.authorize_sso("sandbox-token", "acme", false).unwrap();
    let refused = client.get("/repos/acme/platform/issues");
    assert_eq!(refused.status, 403);
    assert!(refused.header("x-github-sso").unwrap().starts_with("required; url=http"));
    let asked = client.graphql("{ repository(owner: \"acme\", name: \"platform\") { id } }", json!({}));
    assert_eq!(
        (asked["data"]["repository"].is_null(), asked["errors"][0]["extensions"]["saml_failure"].as_bool()),
        (true, Some(true))
    );
    sandbox.authorize_sso("sandbox-token", "acme", true).unwrap();
    assert_eq!(client.get("/repos/acme/platform/issues").status, 200);
}
