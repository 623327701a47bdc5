//! A small blocking client, so that tests read as requests and answers.

use github_sandbox::Sandbox;
use serde_json::{Value, json};

/// One answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(at, _)| at == name).map(|(_, value)| value.as_str())
    }
}

/// Sends requests as one credential.
#[derive(Debug)]
pub(crate) struct Client {
    url: String,
    token: Option<String>,
    user_agent: &'static str,
    agent: ureq::Agent,
}

impl Client {
    pub(crate) fn new(sandbox: &Sandbox, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::anonymous(sandbox) }
    }

    pub(crate) fn anonymous(sandbox: &Sandbox) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Self { url: sandbox.url(), token: None, user_agent: "tests", agent: config.build().new_agent() }
    }

    /// A client that does not say what it is; an absent header would be filled in for it.
    pub(crate) fn nameless(sandbox: &Sandbox) -> Self {
        Self { user_agent: "", ..Self::anonymous(sandbox) }
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply, ureq::Error> {
        let address = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let mut request =
            ureq::http::Request::builder().method(method).uri(address).header("user-agent", self.user_agent);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).unwrap())?,
            None => self.agent.run(request.body(()).unwrap())?,
        };
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let text = answer.body_mut().read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Reply { status: answer.status().as_u16(), headers, text, body })
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None).unwrap()
    }

    pub(crate) fn try_post(&self, path: &str, body: Value) -> Result<Reply, ureq::Error> {
        self.send("POST", path, &[], Some(&body.to_string()))
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Reply {
        self.try_post(path, body).unwrap()
    }

    pub(crate) fn with_body(&self, method: &str, path: &str, body: Value) -> Reply {
        self.send(method, path, &[], Some(&body.to_string())).unwrap()
    }

    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], None).unwrap()
    }

    pub(crate) fn graphql(&self, query: &str, variables: Value) -> Value {
        let reply = self.post("/graphql", json!({"query": query, "variables": variables}));
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.body
    }
}
