//! Commands about who may come in: user, token, audit.

use super::client::ServerChoice;
use super::facts::{get, list, post};
use crate::failure::{Failure, Outcome, wrong_use};
use crate::output;
use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::{IsTerminal as _, Read as _};

/// Longest password that is read; the server says what is too long.
const MAX_PASSWORD_BYTES: u64 = 4096;

/// Users and what they may do.
#[derive(Args)]
pub struct User {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Make a user; its password is generated, or read from standard input.
    #[command(after_help = "Example: tandem user add ada --role responder --team payments --dataset web")]
    Add(Add),
    /// List users.
    List(List),
    /// Set another password, generated or from standard input, and end the user's sessions.
    #[command(after_help = "Example: tandem user password ada")]
    Password(Password),
    /// Keep a user out, or let it in again.
    #[command(after_help = "Example: tandem user disable ada")]
    Disable(Disable),
    /// Grant a role in a team, in place of the one the user has there.
    #[command(after_help = "Example: tandem user grant ada --role editor --team payments --dataset web --dataset app")]
    Grant(GrantRole),
    /// Take the role in a team back.
    #[command(after_help = "Example: tandem user revoke ada --team payments")]
    Revoke(Revoke),
    /// Erase a person's name from facts, decisions and audit trail for good, and every way in.
    #[command(after_help = "Example: tandem user forget ada --yes")]
    Forget(Forget),
}

/// A right, as it is said on the command line.
#[derive(Args)]
struct Right {
    /// viewer, responder, editor or admin.
    #[arg(long)]
    role: Option<model::Role>,
    /// In this team [default: all teams].
    #[arg(long, requires = "role")]
    team: Option<String>,
    /// With this dataset; may be given several times [default: all].
    #[arg(long = "dataset", requires = "role")]
    datasets: Vec<String>,
}

impl Right {
    fn json(&self) -> Option<Value> {
        let datasets = if self.datasets.is_empty() { vec!["*".to_owned()] } else { self.datasets.clone() };
        let team = self.team.as_deref().unwrap_or("*");
        self.role.map(|role| json!({"role": role, "team": team, "datasets": datasets}))
    }
}

#[derive(Args)]
struct Add {
    /// The name to log in by.
    login: String,
    #[command(flatten)]
    right: Right,
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct List {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct Password {
    /// Whose.
    login: String,
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct Disable {
    /// Whom.
    login: String,
    /// Let the user in again.
    #[arg(long)]
    undo: bool,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct GrantRole {
    /// To whom.
    login: String,
    #[command(flatten)]
    right: Right,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct Revoke {
    /// From whom.
    login: String,
    /// In this team [default: the role in all teams].
    #[arg(long)]
    team: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct Forget {
    /// The name, as the audit trail shows it.
    name: String,
    /// Do it. Without this, nothing is changed.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl User {
    /// Asks the server.
    pub fn run(self) -> Outcome {
        match self.command {
            UserCommand::Add(add) => {
                let grants: Vec<Value> = add.right.json().into_iter().collect();
                let user = json!({"login": add.login, "password": password(add.password_stdin)?, "grants": grants});
                let answer = post(&add.server, "/api/v1/users", &user)?;
                told_password(&answer, &format!("{} can log in", add.login))
            }
            UserCommand::List(wanted) => users(&wanted),
            UserCommand::Password(wanted) => {
                let path = format!("/api/v1/users/{}/password", id(&wanted.server, &wanted.login)?);
                let answer = post(&wanted.server, &path, &json!({"password": password(wanted.password_stdin)?}))?;
                told_password(&answer, &format!("{} has another password and no session", wanted.login))
            }
            UserCommand::Disable(wanted) => {
                let path = format!("/api/v1/users/{}/disable", id(&wanted.server, &wanted.login)?);
                post(&wanted.server, &path, &json!({"disabled": !wanted.undo}))?;
                say(&format!("{} is {}", wanted.login, if wanted.undo { "let in again" } else { "kept out" }))
            }
            UserCommand::Grant(wanted) => {
                let right = wanted.right.json().ok_or_else(|| wrong_use(anyhow!("say which role: --role viewer")))?;
                let path = format!("/api/v1/users/{}/grant", id(&wanted.server, &wanted.login)?);
                post(&wanted.server, &path, &right)?;
                say("granted")
            }
            UserCommand::Revoke(wanted) => {
                let path = format!("/api/v1/users/{}/revoke", id(&wanted.server, &wanted.login)?);
                let answer = post(&wanted.server, &path, &json!({"team": wanted.team.as_deref().unwrap_or("*")}))?;
                say(if answer["revoked"] == true { "revoked" } else { "there was no such role" })
            }
            UserCommand::Forget(wanted) => {
                if !wanted.yes {
                    let text = "nothing was changed: this erases the name for good; say --yes to do it";
                    return Err(Failure { code: crate::failure::INCOMPLETE, error: anyhow!(text) });
                }
                post(&wanted.server, "/api/v1/forget", &json!({"name": wanted.name}))?;
                say("forgotten")
            }
        }
    }
}

/// The id of a user.
fn id(server: &ServerChoice, login: &str) -> Outcome<i64> {
    let answer = get(server, "/api/v1/users", &[])?;
    let login = login.to_ascii_lowercase();
    let found = answer["users"].as_array().into_iter().flatten().find(|user| user["login"] == login.as_str());
    found
        .and_then(|user| user["id"].as_i64())
        .ok_or_else(|| wrong_use(anyhow!("there is no user {login:?}: `tandem user list` shows all")))
}

fn users(wanted: &List) -> Outcome {
    let answer = get(&wanted.server, "/api/v1/users", &[])?;
    if wanted.json {
        return Ok(output::print(&format!("{answer}\n"))?);
    }
    let mut users = answer["users"].as_array().cloned().unwrap_or_default();
    for user in &mut users {
        user["may"] = grants(&user["grants"]).into();
        user["state"] = if user["disabled"] == true { "kept out" } else { "" }.into();
    }
    list(&users, &["id", "login", "state", "may"])
}

/// Grants in a line.
fn grants(grants: &Value) -> String {
    let one = |grant: &Value| {
        let word = |name: &str| grant[name].as_str().unwrap_or_default().to_owned();
        let datasets = grant["datasets"].as_array().into_iter().flatten().filter_map(Value::as_str);
        format!("{} of {} with {}", word("role"), word("team"), datasets.collect::<Vec<_>>().join(" "))
    };
    grants.as_array().into_iter().flatten().map(one).collect::<Vec<_>>().join("; ")
}

/// A password from standard input, where no other user of the machine sees it.
fn password(from_stdin: bool) -> Outcome<Option<String>> {
    if !from_stdin {
        return Ok(None);
    }
    if std::io::stdin().is_terminal() {
        output::complain("the password, and Enter and Ctrl-D:");
    }
    let mut text = String::new();
    std::io::stdin().take(MAX_PASSWORD_BYTES).read_to_string(&mut text)?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn told_password(answer: &Value, headline: &str) -> Outcome {
    match answer["password"].as_str() {
        Some(password) => say(&format!("{headline}\npassword  {password}")),
        None => say(headline),
    }
}

fn say(text: &str) -> Outcome {
    Ok(output::print(&output::plain(&format!("{text}\n")))?)
}

/// Tokens of programs.
#[derive(Args)]
pub struct Token {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a token and print it, once.
    #[command(after_help = "Examples:\n  tandem token create web-shippers --kind ingest --dataset web\n  \
                            tandem token create ci --kind api --role responder --team payments --expires now+30d")]
    Create(Create),
    /// List tokens.
    List(List),
    /// Take a token back.
    #[command(after_help = "Example: tandem token revoke 17")]
    Revoke(RevokeToken),
}

#[derive(Args)]
struct Create {
    /// Its label; no person's name.
    name: String,
    /// `api` asks and acts, `ingest` sends events into one dataset.
    #[arg(long, default_value = "api", value_parser = ["api", "ingest"])]
    kind: String,
    /// viewer, responder, editor or admin.
    #[arg(long)]
    role: Option<model::Role>,
    /// In this team [default: all teams].
    #[arg(long)]
    team: Option<String>,
    /// With this dataset; for `api` it may be given several times [default: all; for `ingest`: default].
    #[arg(long = "dataset")]
    datasets: Vec<String>,
    /// Until when, such as now+30d [default: 90 days; for `ingest` without end].
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct RevokeToken {
    /// Its id.
    id: i64,
    #[command(flatten)]
    server: ServerChoice,
}

impl Token {
    /// Asks the server.
    pub fn run(self) -> Outcome {
        match self.command {
            TokenCommand::Create(create) => create.run(),
            TokenCommand::List(wanted) => {
                let answer = get(&wanted.server, "/api/v1/tokens", &[])?;
                if wanted.json {
                    return Ok(output::print(&format!("{answer}\n"))?);
                }
                let mut tokens = answer["tokens"].as_array().cloned().unwrap_or_default();
                for token in &mut tokens {
                    token["may"] = grants(&token["grants"]).into();
                }
                list(&tokens, &["id", "kind", "name", "dataset", "expires", "revoked", "used", "may"])
            }
            TokenCommand::Revoke(wanted) => {
                let answer = post(&wanted.server, &format!("/api/v1/tokens/{}/revoke", wanted.id), &json!({}))?;
                say(if answer["revoked"] == true { "revoked" } else { "it was revoked before" })
            }
        }
    }
}

impl Create {
    fn run(self) -> Outcome {
        let mut token = json!({"kind": self.kind, "name": self.name, "expires": self.expires});
        if self.kind == "ingest" {
            if self.role.is_some() || self.team.is_some() || self.datasets.len() > 1 {
                return Err(wrong_use(anyhow!("a token that sends has one --dataset, and neither role nor team")));
            }
            token["dataset"] = json!(self.datasets.first());
        } else {
            let role = self.role.ok_or_else(|| wrong_use(anyhow!("a token that asks needs a role: --role viewer")))?;
            let right = Right { role: Some(role), team: self.team, datasets: self.datasets };
            token["grants"] = json!([right.json()]);
        }
        let answer = post(&self.server, "/api/v1/tokens", &token)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        // The token alone on standard output, so that it can be caught.
        output::complain(&format!("token {} is shown once; keep it where only its program reads it", answer["id"]));
        say(answer["token"].as_str().unwrap_or_default())
    }
}

/// The audit trail.
#[derive(Args)]
pub struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// List what was done and refused; names are shown for a reason, which is an entry of its own.
    #[command(after_help = "Example: tandem audit list --reason 'incident 42'")]
    List(Entries),
    /// Check that nothing was edited, removed, reordered or cut off.
    Verify(List),
}

#[derive(Args)]
struct Entries {
    /// From this place on.
    #[arg(long, default_value_t = 0)]
    from: i64,
    /// Entries at most.
    #[arg(long, default_value_t = 100)]
    limit: i64,
    /// Why names are shown.
    #[arg(long)]
    reason: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Audit {
    /// Asks the server; a trail that is not whole is exit code 1.
    pub fn run(self) -> Outcome {
        match self.command {
            AuditCommand::List(wanted) => {
                let (from, limit) = (wanted.from.to_string(), wanted.limit.to_string());
                let mut query = vec![("from", from.as_str()), ("limit", limit.as_str())];
                query.extend(wanted.reason.as_deref().map(|reason| ("reason", reason)));
                let answer = get(&wanted.server, "/api/v1/audit", &query)?;
                if wanted.json {
                    return Ok(output::print(&format!("{answer}\n"))?);
                }
                let none = Vec::new();
                let entries = answer["entries"].as_array().unwrap_or(&none);
                list(entries, &["seq", "at", "action", "person", "object", "detail"])
            }
            AuditCommand::Verify(wanted) => {
                let answer = post(&wanted.server, "/api/v1/audit/verify", &json!({}))?;
                let problems = answer["problems"].as_array().map_or(0, Vec::len);
                if wanted.json {
                    output::print(&format!("{answer}\n"))?;
                } else if problems == 0 {
                    say(&format!("whole: {} entries, {} checkpoints", answer["entries"], answer["checkpoints"]))?;
                } else {
                    for problem in answer["problems"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                        say(problem)?;
                    }
                }
                match problems {
                    0 => Ok(()),
                    _ => Err(Failure { code: 1, error: anyhow!("the audit trail is not whole") }),
                }
            }
        }
    }
}
