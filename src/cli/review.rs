//! `followup review`: what reports ask for and nobody has taken on yet, one action after the other.
//!
//! Invariant: each answer is a command of its own, carried out before the next question: who goes away, or loses the connection,
//! loses nothing and finds the rest again.

use std::io::IsTerminal;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{
    App, CliError, Exit,
    args::Review,
    category,
    edit::title,
    life::{day, person, reason_if_any},
    output::Output,
    table,
};
use crate::{
    action::{Action, ActionId, Command, Edit, ParseIdError, Report, State, UnknownWord},
    intake::{Advice, Lookalike, advice, lookalikes},
    life,
    store::{Access, Store},
    view::ActionView,
};

/// An action under review, and what a reviewer should know of it.
struct Card {
    view: ActionView,
    action: Action,
    /// The day that it would be due on if it was accepted now.
    due_on: NaiveDate,
    lookalikes: Vec<(Lookalike, ActionView)>,
    advice: Vec<Advice>,
}

pub(super) async fn run(app: &App, command: &Review, output: &Output) -> Result<Exit, CliError> {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let asks = (is_terminal || command.interactive) && !output.is_json();
    let store = app.store(if asks { Access::Write } else { Access::Read }).await?;
    let cards = cards(app, &store, command).await?;
    if output.is_json() {
        let documents = cards.iter().map(document).collect::<Result<Vec<_>, _>>()?;
        output.json(&documents)?;
        return Ok(Exit::Fine);
    }
    if cards.is_empty() {
        output.talk("nothing to review: no action is proposed");
        return Ok(Exit::Fine);
    }
    if asks {
        let review = Session { app, store: &store, command, output };
        return review.run(cards).await;
    }
    for card in &cards {
        output.text(&format!("{}\n", page(card)))?;
    }
    output.talk(&format!(
        "{}; `followup accept ID...` takes them on, `followup decline ID... --reason TEXT` refuses them",
        table::count(cards.len(), "action")
    ));
    Ok(Exit::Fine)
}

/// Every proposed action, in the order of their numbers; those that their report no longer has come last.
async fn cards(app: &App, store: &Store, command: &Review) -> Result<Vec<Card>, CliError> {
    let stamp = app.stamp();
    let today = app.clocks.today();
    let mut snapshot = store.read().await?;
    if let Some(report) = command.report {
        snapshot.report(report).await?;
    }
    let owed = snapshot.owed_or_proposed().await?;
    let is_asked = |action: &&Action| {
        action.state == State::Proposed
            && command.report.is_none_or(|report| report == action.report_id)
            && (command.ids.is_empty() || command.ids.contains(&action.id))
    };
    let mut proposed: Vec<Action> = owed.iter().filter(is_asked).cloned().collect();
    proposed.sort_by_key(|action| (action.vanished, action.id));
    let alike = lookalikes(&proposed, &owed);
    let mut cards = Vec::with_capacity(proposed.len());
    for (action, alike) in proposed.into_iter().zip(alike) {
        let report = snapshot.report(action.report_id).await?;
        let mut others = Vec::with_capacity(alike.len());
        for one in alike {
            let listed = snapshot.listed(one.id).await?;
            others.push((one, ActionView::new(listed, &app.clocks, today)));
        }
        let listed = snapshot.listed(action.id).await?;
        let policy = life::policy_due_on(&app.config.policy, &app.clocks, &report, &stamp);
        cards.push(Card {
            view: ActionView::new(listed, &app.clocks, today),
            due_on: action.due_on.unwrap_or(policy),
            advice: advice(&action.title, action.description.as_deref()),
            lookalikes: others,
            action,
        });
    }
    Ok(cards)
}

fn document(card: &Card) -> Result<Value, CliError> {
    let bug = |error: serde_json::Error| CliError::bug(format!("cannot write JSON: {error}"));
    let mut document = serde_json::to_value(&card.view).map_err(bug)?;
    let duplicate = |(one, view): &(Lookalike, ActionView)| json!({ "id": view.id, "title": view.title, "state": view.state, "likeness": (one.likeness * 100.0).round() / 100.0 });
    document["quote"] = json!(card.action.quote);
    document["section"] = json!(card.action.section);
    document["line"] = json!(card.action.line);
    document["description"] = json!(card.action.description);
    document["accepted_due_on"] = json!(card.due_on);
    document["likely_duplicates"] = card.lookalikes.iter().map(duplicate).collect();
    document["advice"] = json!(card.advice);
    Ok(document)
}

fn page(card: &Card) -> String {
    let bold = anstyle::Style::new().bold();
    let dim = anstyle::Style::new().dimmed();
    let yellow = anstyle::Style::new().fg_color(Some(anstyle::AnsiColor::Yellow.into()));
    let (view, action) = (&card.view, &card.action);
    let due = match action.due_on {
        Some(due_on) if action.due_text.is_some() && action.due_moves == 0 => {
            format!("{due_on}, as the report says")
        }
        Some(due_on) => due_on.to_string(),
        None => format!("{}, by the policy", card.due_on),
    };
    let section = action.section.as_deref().map(|section| format!(", “{section}”")).unwrap_or_default();
    let vanished = if action.vanished { "; its newest revision no longer has it" } else { "" };
    let facts = table::facts([
        (
            "report",
            Some(format!(
                "{} {}{section}, line {}{vanished}",
                view.report.id, view.report.title, action.line
            )),
        ),
        ("owner", Some(view.owner.clone().unwrap_or_else(|| "nobody".to_owned()))),
        ("due", Some(due)),
        (
            "category",
            Some(format!(
                "{} · {} · {} priority · {}",
                view.category, view.kind, view.priority, view.severity
            )),
        ),
    ]);
    let mut page = format!("{bold}{} {}{bold:#}\n{facts}", view.id, view.title);
    if let Some(description) = &action.description {
        page.push_str(&format!("\n{}", table::paragraph(2, description)));
    }
    for line in action.quote.lines() {
        page.push_str(&format!("\n  {dim}> {line}{dim:#}"));
    }
    for (_, other) in &card.lookalikes {
        page.push_str(&format!("\n  {yellow}like{yellow:#} {} ({}): {}", other.id, other.state, other.title));
    }
    for one in &card.advice {
        page.push_str(&format!("\n  {yellow}note{yellow:#} {}", one.message));
    }
    page
}

/// What a reviewer can answer.
const HELP: &str = "Answer with a letter, and what belongs to it:
  a            accept it
  x REASON     decline it
  t TEXT       another title            o WHO       its owner
  d DATE       its due date             c CATEGORY  the area of work
  p PRIORITY   how urgent it is         k KIND      what it changes
  s            split it                 m ID        it is the same as another action
  n or Enter   leave it for later       b           back to the one before
  q            end; what was answered is kept";

/// What follows from an answer.
enum Next {
    /// The same action again.
    Again,
    /// The next one.
    Forward,
    /// The one before.
    Back,
    /// No more.
    End,
}

/// A reviewer at a terminal.
struct Session<'a> {
    app: &'a App,
    store: &'a Store,
    command: &'a Review,
    output: &'a Output,
}

impl Session<'_> {
    async fn run(&self, mut cards: Vec<Card>) -> Result<Exit, CliError> {
        let ids: Vec<ActionId> = cards.iter().map(|card| card.action.id).collect();
        let mut at = 0;
        while let Some(id) = ids.get(at) {
            let Some(card) = cards.iter().find(|card| card.action.id == *id) else {
                // It was answered; going back, the one before is meant.
                at += 1;
                continue;
            };
            self.output.text(&format!("\n{} of {}  {}", at + 1, ids.len(), page(card)))?;
            match self.ask(card).await? {
                Next::Again => {}
                Next::Forward => at += 1,
                Next::Back => {
                    let is_left = |index: &usize| cards.iter().any(|card| card.action.id == ids[*index]);
                    at = (0..at).rev().find(is_left).unwrap_or(at);
                }
                Next::End => break,
            }
            cards = self::cards(self.app, self.store, self.command).await?;
        }
        let left = cards.len();
        let answered = ids.iter().filter(|id| !cards.iter().any(|card| card.action.id == **id)).count();
        self.output.talk(&format!("{} answered, {left} left", table::count(answered, "action")));
        if answered > 0 {
            self.output.talk("next: `followup publish` gives every accepted action its issue");
        }
        Ok(Exit::Fine)
    }

    /// Asks until an answer was carried out.
    async fn ask(&self, card: &Card) -> Result<Next, CliError> {
        loop {
            let Some(line) = self.output.ask("accept? [a x t o d c p k s m n b q ?] ")? else {
                return Ok(Next::End);
            };
            let (letter, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
            match self.answer(card, letter, rest.trim()).await {
                Ok(Some(next)) => return Ok(next),
                Ok(None) => self.output.complain(HELP),
                Err(error) if error.exit == Exit::Usage => {
                    self.output.complain(&format!("{}\n  → {}", error.message, error.hint));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Carries an answer out; nothing when it is none.
    async fn answer(&self, card: &Card, letter: &str, rest: &str) -> Result<Option<Next>, CliError> {
        let app = self.app;
        let today = app.clocks.today();
        let id = card.action.id;
        let command = match letter {
            "" | "n" => return Ok(Some(Next::Forward)),
            "b" => return Ok(Some(Next::Back)),
            "q" => return Ok(Some(Next::End)),
            "s" => return self.split(card, rest).await.map(Some),
            "m" => {
                let into = rest.parse().map_err(|error: ParseIdError| {
                    CliError::usage(
                        error.to_string(),
                        "write the id of the action that goes on, as `m CA-42`",
                    )
                })?;
                life::merge(self.store, &app.stamp(), &app.clocks, into, &[id], None).await?;
                return Ok(Some(Next::Forward));
            }
            "a" => {
                let stamp = app.stamp();
                let accept =
                    |report: &Report| life::acceptance(&app.config.policy, &app.clocks, report, &stamp);
                life::give(self.store, &stamp, &app.clocks, &[id], |_, report| accept(report))
                    .await?
                    .all()?;
                return Ok(Some(Next::Forward));
            }
            "x" => {
                let reason = self.rest_or_ask(rest, "why? ")?;
                self.give(id, Command::Decline { reason }).await?;
                return Ok(Some(Next::Forward));
            }
            "t" => edit(Edit { title: Some(title(&self.rest_or_ask(rest, "title: ")?)?), ..Edit::default() }),
            "o" => {
                let owner = person(app, &self.rest_or_ask(rest, "owner: ")?, "owner")?;
                Command::Assign { owner: owner.name }
            }
            "d" => {
                let on = day(&self.rest_or_ask(rest, "due: ")?, today)?;
                let reason = match card.action.due_on {
                    Some(said) if said != on => {
                        Some(self.rest_or_ask("", &format!("the report says {said}; why? "))?)
                    }
                    _ => None,
                };
                Command::Due { on, reason: reason_if_any(reason.as_deref())? }
            }
            "c" => {
                let name = self.rest_or_ask(rest, "category: ")?;
                edit(Edit { category: Some(category::known(app, &name, &[])?), ..Edit::default() })
            }
            "p" => edit(Edit {
                priority: Some(word(&self.rest_or_ask(rest, "priority: ")?)?),
                ..Edit::default()
            }),
            "k" => edit(Edit { kind: Some(word(&self.rest_or_ask(rest, "kind: ")?)?), ..Edit::default() }),
            _ => return Ok(None),
        };
        self.give(id, command).await?;
        Ok(Some(Next::Again))
    }

    async fn give(&self, id: ActionId, command: Command) -> Result<(), CliError> {
        let app = self.app;
        let given = life::give(self.store, &app.stamp(), &app.clocks, &[id], |_, _| command.clone()).await?;
        given.all()?;
        Ok(())
    }

    async fn split(&self, card: &Card, rest: &str) -> Result<Next, CliError> {
        let mut parts = Vec::new();
        if !rest.is_empty() {
            parts.push(title(rest)?);
        }
        while let Some(part) = self.output.ask(&format!("part {} (empty ends): ", parts.len() + 1))? {
            if part.is_empty() {
                break;
            }
            parts.push(title(&part)?);
        }
        let Some((first, further)) = parts.split_first().filter(|(_, further)| !further.is_empty()) else {
            return Err(CliError::usage(
                "fewer than two parts are none",
                "name each part on a line of its own",
            ));
        };
        let app = self.app;
        let split =
            life::split(self.store, &app.stamp(), &app.clocks, card.action.id, first, further).await?;
        for part in split.others {
            self.output.talk(&format!("{}: {}; `followup review` has it", part.action.id, part.action.title));
        }
        Ok(Next::Again)
    }

    /// What stands behind the letter, or what is asked for.
    fn rest_or_ask(&self, rest: &str, question: &str) -> Result<String, CliError> {
        let answer = match rest {
            "" => self.output.ask(question)?.unwrap_or_default(),
            rest => rest.to_owned(),
        };
        if answer.is_empty() {
            return Err(CliError::usage("nothing was answered", "the action is as it was"));
        }
        Ok(answer)
    }
}

fn edit(edit: Edit) -> Command {
    Command::Edit(edit)
}

/// A word of one of the vocabularies.
fn word<T: std::str::FromStr<Err = UnknownWord>>(text: &str) -> Result<T, CliError> {
    text.parse().map_err(|error: UnknownWord| CliError::usage(error.to_string(), "write one of them"))
}
