//! Reports behind addresses.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use super::{super::CONFIG, REPORT, Shell, refused, report};
use crate::website::{Page, Website};

/// A team with a website on this machine that it may read from.
fn team() -> Shell {
    let mut team = Shell::new();
    team.write("followup.toml", format!("{CONFIG}\n[sources]\nallow_private = [\"127.0.0.1\"]\n"));
    team.web = Some(Website::new());
    team
}

impl Shell {
    fn web(&self) -> &Website {
        self.web.as_ref().unwrap()
    }

    /// The address of a page.
    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.web().url())
    }
}

#[test]
fn a_report_on_the_web_is_one_report_however_often_it_is_fetched() {
    let team = team();
    team.web().has("/reports/checkout?id=7", Page::of("text/plain; charset=utf-8", REPORT));
    let source = team.address("/reports/checkout?id=7");
    let read = team.json(&format!("extract {source}#actions"));
    assert_eq!(read["report"]["source"], "[WEB]/reports/checkout?id=7");
    assert_eq!(read["actions"].as_array().unwrap().len(), 4);
    insta::assert_snapshot!(team.runs(&format!("import {source}")).page(), @"
    IR-1 “Checkout outage on 14 May 2024” ([WEB]/reports/checkout?id=7): imported, 4 actions proposed, CA-1 to CA-4
    ---
    note: there was no database; [FOLDER]/followup.db is made
    next: `followup accept --report IR-1` takes them on
    ");
    insta::assert_snapshot!(team.runs(&format!("import {source}#actions")).page(), @"IR-1 “Checkout outage on 14 May 2024” ([WEB]/reports/checkout?id=7): is there already, word for word; nothing was changed");
    team.web()
        .has("/reports/checkout?id=7", Page::of("text/plain", format!("{REPORT}\n- Write a runbook\n")));
    insta::assert_snapshot!(team.runs(&format!("import {source}")).page(), @"
    IR-1 “Checkout outage on 14 May 2024” ([WEB]/reports/checkout?id=7): revision 2 (sev2): 1 new, 2 changed, 2 no longer in it
    changed   CA-1   Alert on expiry: Alert thirty days before a certificate of the key store expires. (title, text)
    changed   CA-2   Renew automatically: Let the platform renew certificates without a person. (title, text)
    gone      CA-3   Runbook for the key store
    gone      CA-4   Load test in staging
    new       CA-5   Write a runbook
    ---
    next: `followup accept --report IR-1` takes them on
    ");
    assert_eq!(team.json("report list")[0]["source"], "[WEB]/reports/checkout?id=7");
}

#[test]
fn what_opens_a_page_is_not_kept() {
    let team = team();
    team.web().has("/r.md?token=hunter2&v=1", Page::of("text/plain", report("Secret")));
    team.web().has("/r.md?token=hunter3&v=1", Page::of("text/plain", report("Secret")));
    let first = team.runs(&format!("import {} -v", team.address("/r.md?token=hunter2&v=1")));
    assert!(!first.page().contains("hunter"), "{}", first.page());
    let again = team.runs(&format!("import {}", team.address("/r.md?token=hunter3&v=1")));
    assert!(again.out.contains("IR-1") && again.out.contains("word for word"), "{}", again.out);
    assert_eq!(team.json("report list")[0]["source"], "[WEB]/r.md?v=1");
    for source in ["https://grace:hunter2@acme.test/r.md", "https://grace:hunter2@[::1/"] {
        for line in [format!("extract {source}"), format!("extract {source} --format json")] {
            let ran = team.run(&line).exits(6);
            assert!(!ran.page().contains("hunter") && !ran.page().contains("grace"), "{}", ran.page());
        }
    }
}

#[test]
fn what_is_inside_is_not_asked_unless_the_configuration_names_it() {
    let mut team = team();
    team.write("followup.toml", CONFIG);
    team.web().has("/r.md", Page::of("text/plain", report("Inside")));
    let port = team.web().port();
    let mut told = Vec::new();
    for host in
        ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "localhost", "0.0.0.0"]
    {
        told.push(refused(&team, &format!("https://{host}:{port}/r.md")).lines().next().unwrap().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @"
    bad_input: https://127.0.0.1:[PORT]/r.md: 127.0.0.1 is this machine
    bad_input: https://127.0.0.1:[PORT]/r.md: 127.0.0.1 is this machine
    bad_input: https://127.0.0.1:[PORT]/r.md: 127.0.0.1 is this machine
    bad_input: https://127.0.0.1:[PORT]/r.md: 127.0.0.1 is this machine
    bad_input: https://[::ffff:7f00:1]:[PORT]/r.md: ::ffff:127.0.0.1 is this machine
    bad_input: https://[::1]:[PORT]/r.md: ::1 is this machine
    bad_input: https://localhost:[PORT]/r.md: localhost (127.0.0.1) is this machine
    bad_input: https://0.0.0.0:[PORT]/r.md: 0.0.0.0 is this machine
    ");
    insta::assert_snapshot!(refused(&team, &format!("https://127.0.0.1:{port}/r.md")), @r#"
    bad_input: https://127.0.0.1:[PORT]/r.md: 127.0.0.1 is this machine
    → if it is meant, add allow_private = ["127.0.0.1"] under [sources] in followup.toml; or save the page as a file, and name the file
    "#);
    insta::assert_snapshot!(refused(&team, &format!("http://localhost:{port}/r.md")), @r#"
    bad_input: http://localhost:[PORT]/r.md: localhost would be asked without encryption
    → write https://; or, inside your own network, add allow_private = ["localhost"] under [sources] in followup.toml
    "#);
    assert_eq!(team.web().asked(), Vec::<String>::new());
    // A proxy would go around the check.
    let web = team.address("");
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"] {
        team.set(name, &web);
    }
    refused(&team, "https://10.0.0.1/r.md");
    assert_eq!(team.web().asked(), Vec::<String>::new());
}

#[test]
fn a_page_may_lead_to_another_one_but_not_anywhere() {
    let team = team();
    let web = team.web();
    web.has("/r.md", Page::of("text/plain", report("Moved")));
    for (from, to) in [
        ("/5", "/4"),
        ("/4", "3"),
        ("/3", "/2"),
        ("/2", "./1"),
        ("/1", "/r.md"),
        ("/6", "/5"),
        ("/loop", "/loop"),
    ] {
        web.has(from, Page::at(to));
    }
    assert_eq!(team.json(&format!("extract {}", team.address("/5")))["report"]["title"], "Moved");
    for (path, to) in [
        ("/metadata", "http://169.254.169.254/latest/meta-data/".to_owned()),
        ("/private", "https://10.0.0.1/r.md".to_owned()),
        ("/localhost", format!("http://localhost:{}/r.md", web.port())),
        ("/odd", "https://0x7f.2/r.md".to_owned()),
        ("/user", "https://grace:hunter2@acme.test/r.md".to_owned()),
        ("/file", "file:///etc/passwd".to_owned()),
        ("/sign-in", "/login?next=/r.md".to_owned()),
        ("/broken", "https://".to_owned()),
    ] {
        web.has(path, Page::at(&to));
    }
    web.has("/nowhere", Page::status(302));
    let told: Vec<String> = [
        "/6",
        "/loop",
        "/metadata",
        "/private",
        "/localhost",
        "/odd",
        "/user",
        "/file",
        "/sign-in",
        "/broken",
        "/nowhere",
    ]
    .iter()
    .map(|path| refused(&team, &team.address(path)))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    bad_input: [WEB]/6: it leads to another address more than 5 times
    → save the page as a file, and name the file
    bad_input: [WEB]/loop: it leads to another address more than 5 times
    → save the page as a file, and name the file
    bad_input: [WEB]/metadata: it leads to http://169.254.169.254/latest/meta-data/, which is refused: 169.254.169.254 would be asked without encryption
    → name the address that is meant; or save the page as a file, and name the file
    bad_input: [WEB]/private: it leads to https://10.0.0.1/r.md, which is refused: 10.0.0.1 is a private network
    → name the address that is meant; or save the page as a file, and name the file
    bad_input: [WEB]/localhost: it leads to http://localhost:[PORT]/r.md, which is refused: localhost would be asked without encryption
    → name the address that is meant; or save the page as a file, and name the file
    bad_input: [WEB]/odd: it leads to https://127.0.0.2/r.md, which is refused: 127.0.0.2 is this machine
    → name the address that is meant; or save the page as a file, and name the file
    bad_input: [WEB]/user: it leads to https://acme.test/r.md, which is refused: there is a name or a password in the address
    → name the address that is meant; or save the page as a file, and name the file
    bad_input: [WEB]/file: it leads to file:///etc/passwd, which is refused: reports are fetched by https, not by file
    → name the address that is meant; or save the page as a file, and name the file
    bad_input: [WEB]/sign-in: it leads to a page to sign in, at [WEB]/login?next=/r.md
    → save the page as a file, and name the file
    bad_input: [WEB]/broken: it leads to no address that can be read
    → save the page as a file, and name the file
    bad_input: [WEB]/nowhere: it leads to no address that can be read
    → save the page as a file, and name the file
    ");
    assert_eq!(
        web.asked().iter().filter(|path| path.starts_with("/r.md") || path.starts_with("/login")).count(),
        1
    );
}

#[test]
fn nothing_is_read_for_ever() {
    let team = team();
    team.write(
        "followup.toml",
        format!("{CONFIG}\n[sources]\nallow_private = [\"127.0.0.1\"]\ntimeout = \"500ms\"\n"),
    );
    let web = team.web();
    web.has("/silent", Page::Silence);
    web.has("/half", Page::BrokenOff);
    insta::assert_snapshot!(refused(&team, &team.address("/silent")), @"
    bad_input: [WEB]/silent: no answer within 0.5 s
    → run the command again, or raise `timeout` under [sources] in followup.toml; or save the page as a file, and name the file
    ");
    insta::assert_snapshot!(refused(&team, &team.address("/half")).replace("end of file before message length reached", "…"), @"
    bad_input: [WEB]/half: the answer broke off: …
    → run the command again in a while; or save the page as a file, and name the file
    ");
    team.write("followup.toml", format!("{CONFIG}\n[sources]\nallow_private = [\"127.0.0.1\"]\n"));
    web.has("/endless", Page::Endless);
    web.has("/large", Page::of("text/plain", vec![b'a'; (25 << 20) + 1]));
    insta::assert_snapshot!(refused(&team, &team.address("/endless")), @"
    bad_input: [WEB]/endless: more than 25 MB are too much for a report
    → name the report itself, or save it without what is embedded in it
    ");
    insta::assert_snapshot!(refused(&team, &team.address("/large")), @"
    bad_input: [WEB]/large: more than 25 MB are too much for a report
    → name the report itself, or save it without what is embedded in it
    ");
}

#[test]
fn answers_that_are_no_report() {
    let team = team();
    let web = team.web();
    for status in [401, 403, 404, 410, 418, 429, 500, 503] {
        web.has(&format!("/{status}"), Page::status(status));
    }
    web.has("/empty", Page::of("text/html", ""));
    web.has("/picture", Page::of("image/png", [0x89, b'P', b'N', b'G', 0, 0, 0, 13, 1, 2, 3]));
    let headers = vec![("content-encoding", "gzip".to_owned())];
    web.has("/zipped", Page::Answer { status: 200, headers, body: vec![0x1f, 0x8b, 8, 0] });
    let paths =
        ["/401", "/403", "/404", "/410", "/418", "/429", "/500", "/503", "/empty", "/picture", "/zipped"];
    let told: Vec<String> = paths.iter().map(|path| refused(&team, &team.address(path))).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    bad_input: [WEB]/401: one has to sign in to see it (status 401)
    → save the page as a file, and name the file
    bad_input: [WEB]/403: one has to sign in to see it (status 403)
    → save the page as a file, and name the file
    bad_input: [WEB]/404: there is nothing at this address (status 404)
    → check the address
    bad_input: [WEB]/410: there is nothing at this address (status 410)
    → check the address
    bad_input: [WEB]/418: the server refused (status 418)
    → save the page as a file, and name the file
    bad_input: [WEB]/429: the server asks to come back later (status 429)
    → run the command again in a while; or save the page as a file, and name the file
    bad_input: [WEB]/500: the server failed (status 500)
    → run the command again in a while; or save the page as a file, and name the file
    bad_input: [WEB]/503: the server failed (status 503)
    → run the command again in a while; or save the page as a file, and name the file
    bad_input: [WEB]/empty: the document is empty (the server says text/html)
    → write the report first, or name another file
    bad_input: [WEB]/picture: the document is not text but binary data (the server says image/png)
    → export the report as DOCX, HTML, Markdown, or plain text
    bad_input: [WEB]/zipped: the server sends it compressed (gzip), though nobody asked for that
    → save the page as a file, and name the file
    ");
}

#[test]
fn servers_that_are_none() {
    let team = team();
    // Nobody listens there any more.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let told = refused(&team, &format!("https://127.0.0.1:{port}/r.md"));
    assert!(
        told.starts_with(&format!("bad_input: https://127.0.0.1:{port}/r.md: cannot reach 127.0.0.1: ")),
        "{told}"
    );
    // Something that speaks no TLS answers in its own way.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            assert!(stream.read(&mut [0; 65_536]).unwrap() > 0);
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        }
    });
    let told = refused(&team, &format!("https://127.0.0.1:{port}/r.md"));
    assert!(told.contains("127.0.0.1 has no certificate to trust: "), "{told}");
    server.join().unwrap();
}

#[test]
fn the_server_tells_the_format_where_the_address_does_not() {
    let team = team();
    let web = team.web();
    let text = "Checkout down\n\nAction items\n\n- Rotate the signing key\n";
    web.has("/page", Page::of("text/markdown; charset=utf-8", text));
    web.has("/other", Page::of("application/octet-stream", text));
    web.has("/file.md", Page::of("text/plain", text));
    web.has("/short", Page::at("/file.md"));
    web.has("/acme/ops/-/raw/main/r.md", Page::of("text/plain", text));
    let html = "<!doctype html><title>Checkout</title><h1>Checkout down</h1><h2>Action items</h2><ul><li>Rotate the key</ul>";
    web.has("/wiki/checkout", Page::of("text/html; charset=utf-8", html));
    // A page that shows a file.
    web.has("/show/r.md", Page::of("text/html", html));
    web.has("/raw/r.md", Page::of("text/html", text));
    for (path, format) in [
        ("/wiki/checkout", "html"),
        ("/show/r.md", "html"),
        ("/raw/r.md", "markdown"),
        ("/page", "markdown"),
        ("/other", "plain"),
        ("/file.md", "markdown"),
        ("/short", "markdown"),
        ("/acme/ops/-/blob/main/r.md", "markdown"),
    ] {
        assert_eq!(
            team.json(&format!("extract {}", team.address(path)))["report"]["format"],
            format,
            "{path}"
        );
    }
    assert_eq!(
        team.json(&format!("extract {} --as text", team.address("/page")))["report"]["format"],
        "plain"
    );
}

#[test]
fn places_inside_that_are_none_are_refused() {
    let team = team();
    team.write(
        "followup.toml",
        "[sources]\nallow_private = [\"wiki.acme.test\", \"https://wiki.acme.test\"]\n",
    );
    insta::assert_snapshot!(team.run("list").exits(3).err, @r#"
    error: [FOLDER]/followup.toml, line 2: allow_private: `https://wiki.acme.test` is neither a host, such as "wiki.acme.test", nor a network, such as "10.1.0.0/16"
      → correct the file; the README describes every key
    "#);
}
