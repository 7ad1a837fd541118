//! Where what is scanned comes from, as git and the pipeline say.

use model::EntityRef;
use model::entity::repository;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Largest description of an event that GitHub gives a pipeline.
const MAX_EVENT_BYTES: u64 = 4 * 1024 * 1024;

/// Where it comes from; what nobody says is empty.
#[derive(Debug, Default, PartialEq)]
pub struct Origin {
    /// What it is: a repository by its address, else by the folder's name.
    pub entity: Option<EntityRef>,
    /// The folder of the repository.
    pub root: Option<PathBuf>,
    /// Where in it, without a slash at the end; empty for all of it.
    pub prefix: String,
    /// The commit.
    pub commit: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The default branch.
    pub default_branch: Option<String>,
    /// A request to merge it elsewhere.
    pub side: bool,
    /// The tag.
    pub version: Option<String>,
    /// The run of the pipeline.
    pub pipeline: Option<String>,
    /// Who made the commit.
    pub author: Option<String>,
}

/// How a variable of the environment is asked for.
type Variables<'v> = &'v dyn Fn(&str) -> Option<String>;

impl Origin {
    /// Of a folder or file, here and now.
    pub fn of(path: &Path) -> Origin {
        let mut origin = of_git(path);
        of_pipeline(&mut origin, &|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        if origin.entity.is_none() {
            origin.entity = path.canonicalize().ok().as_deref().and_then(by_name);
        }
        origin
    }
}

/// A repository by the name of its folder.
fn by_name(folder: &Path) -> Option<EntityRef> {
    let name = folder.file_name()?.to_string_lossy().to_ascii_lowercase();
    EntityRef::new("repository", name).ok()
}

fn of_git(path: &Path) -> Origin {
    let mut origin = Origin::default();
    let folder = if path.is_dir() { Some(path) } else { path.parent() };
    let folder = folder.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let Some((git, folder)) = folder.and_then(|folder| Some((gix::discover(folder).ok()?, folder))) else {
        return origin;
    };
    if let (Some(root), Ok(full)) = (git.workdir().and_then(|root| root.canonicalize().ok()), folder.canonicalize()) {
        let below = full.strip_prefix(&root).unwrap_or(Path::new(""));
        origin.prefix = below.to_string_lossy().replace('\\', "/");
        origin.root = Some(root);
    }
    let remote = git.config_snapshot().string("remote.origin.url").map(|url| url.to_string());
    origin.entity = remote.and_then(|url| repository(&url).ok()).or_else(|| by_name(origin.root.as_deref()?));
    origin.commit = git.head_id().ok().map(|id| id.to_string());
    origin.branch = git.head_name().ok().flatten().map(|name| name.shorten().to_string());
    let default = git.try_find_reference("refs/remotes/origin/HEAD").ok().flatten();
    let default = default.and_then(|head| head.target().try_name().map(|name| name.as_bstr().to_string()));
    let default = default.and_then(|name| name.strip_prefix("refs/remotes/origin/").map(str::to_owned));
    origin.default_branch = default.or_else(|| {
        // Without a remote that says it: the usual names, where there is one of them.
        let there = |name: &&str| git.try_find_reference(&format!("refs/heads/{name}")).ok().flatten().is_some();
        ["main", "master", "trunk"].into_iter().find(there).map(str::to_owned)
    });
    if let Ok(commit) = git.head_commit()
        && let Ok(author) = commit.author()
    {
        origin.author = Some(author.email.to_string()).filter(|email| !email.trim().is_empty());
    }
    origin
}

/// What a pipeline says counts more: it checks out commits, not branches.
fn of_pipeline(origin: &mut Origin, variable: Variables<'_>) {
    if variable("GITHUB_ACTIONS").is_some() {
        of_github(origin, variable);
    } else if variable("GITLAB_CI").is_some() {
        of_gitlab(origin, variable);
    }
}

fn of_github(origin: &mut Origin, variable: Variables<'_>) {
    let server = variable("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned());
    if let Some(name) = variable("GITHUB_REPOSITORY") {
        origin.entity = repository(&format!("{server}/{name}")).ok().or(origin.entity.take());
        origin.pipeline = variable("GITHUB_RUN_ID").map(|run| format!("{server}/{name}/actions/runs/{run}"));
    }
    origin.commit = variable("GITHUB_SHA").or(origin.commit.take());
    origin.author = variable("GITHUB_ACTOR").or(origin.author.take());
    let request = variable("GITHUB_HEAD_REF");
    origin.side = request.is_some();
    if variable("GITHUB_REF_TYPE").as_deref() == Some("tag") {
        (origin.version, origin.branch) = (variable("GITHUB_REF_NAME"), None);
    } else {
        origin.branch = request.or_else(|| variable("GITHUB_REF_NAME")).or(origin.branch.take());
    }
    origin.default_branch = variable("GITHUB_EVENT_PATH").and_then(event).or(origin.default_branch.take());
}

fn of_gitlab(origin: &mut Origin, variable: Variables<'_>) {
    let project = variable("CI_PROJECT_URL").and_then(|url| repository(&url).ok());
    origin.entity = project.or(origin.entity.take());
    origin.commit = variable("CI_COMMIT_SHA").or(origin.commit.take());
    origin.author = variable("CI_COMMIT_AUTHOR").or(origin.author.take());
    origin.pipeline = variable("CI_PIPELINE_URL").or_else(|| variable("CI_JOB_URL"));
    origin.version = variable("CI_COMMIT_TAG");
    let request = variable("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME");
    origin.side = request.is_some();
    let branch = request.or_else(|| variable("CI_COMMIT_BRANCH")).or(origin.branch.take());
    origin.branch = branch.filter(|_| origin.version.is_none());
    origin.default_branch = variable("CI_DEFAULT_BRANCH").or(origin.default_branch.take());
}

/// The default branch, as GitHub describes the event.
fn event(path: String) -> Option<String> {
    let path = Path::new(&path);
    if path.metadata().ok()?.len() > MAX_EVENT_BYTES {
        return None;
    }
    let event: Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    event["repository"]["default_branch"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipeline(variables: &[(&str, &str)]) -> Origin {
        let mut origin = Origin { branch: Some("checked-out".to_owned()), ..Origin::default() };
        let get = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        of_pipeline(&mut origin, &get);
        origin
    }

    #[test]
    fn github_says_what_it_runs_for() {
        let usual = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "Acme/Shop"),
            ("GITHUB_SHA", "abc"),
            ("GITHUB_REF_NAME", "main"),
            ("GITHUB_REF_TYPE", "branch"),
            ("GITHUB_RUN_ID", "7"),
        ];
        let push = pipeline(&usual);
        assert_eq!(push.entity.unwrap().to_string(), "repository:github.com/acme/shop");
        assert_eq!(push.pipeline.as_deref(), Some("https://github.com/Acme/Shop/actions/runs/7"));
        assert_eq!((push.branch.as_deref(), push.commit.as_deref(), push.side), (Some("main"), Some("abc"), false));
        let request = pipeline(&[&usual[..], &[("GITHUB_HEAD_REF", "feature")]].concat());
        assert_eq!((request.branch.as_deref(), request.side), (Some("feature"), true));
        let tag = pipeline(&[("GITHUB_ACTIONS", "true"), ("GITHUB_REF_TYPE", "tag"), ("GITHUB_REF_NAME", "v1")]);
        assert_eq!((tag.branch, tag.version.as_deref()), (None, Some("v1")));
    }

    #[test]
    fn gitlab_says_what_it_runs_for() {
        let usual = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://gitlab.example.org/acme/shop"),
            ("CI_COMMIT_SHA", "abc"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_DEFAULT_BRANCH", "main"),
        ];
        let push = pipeline(&usual);
        assert_eq!(push.entity.unwrap().to_string(), "repository:gitlab.example.org/acme/shop");
        assert_eq!((push.branch.as_deref(), push.default_branch.as_deref()), (Some("main"), Some("main")));
        let request = pipeline(&[&usual[..3], &[("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "feature")]].concat());
        assert_eq!((request.branch.as_deref(), request.side), (Some("feature"), true));
        assert_eq!(pipeline(&[]).branch.as_deref(), Some("checked-out"), "no pipeline");
    }
}
