//! Commits: when they were made, how they came to a branch, and which deployment had them first.

use super::deployments::Deployment;
use super::events::{Told, repository, text, time, yes};
use super::{Event, Span};
use model::{EntityRef, Nanos};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// When and at which place of its push a commit came to a branch.
type Landing = (Nanos, usize);
type Key = (String, String);

#[derive(Default)]
struct Branch {
    landings: BTreeMap<String, Landing>,
    /// The commits in the order in which they came.
    order: Vec<(Landing, String)>,
    default: bool,
}

/// What pushes and pull requests told.
pub(super) struct Commits {
    /// When a commit of a repository was made, and the event that tells it.
    made: HashMap<Key, (Nanos, i64)>,
    branches: BTreeMap<String, BTreeMap<String, Branch>>,
    /// Merge commits of pull requests whose own commits are known: they are no changes of their own.
    markers: HashSet<Key>,
    tags: HashMap<Key, String>,
}

impl Commits {
    pub(super) fn new(told: &Told<'_>) -> Commits {
        let mut commits =
            Commits { made: HashMap::new(), branches: BTreeMap::new(), markers: HashSet::new(), tags: HashMap::new() };
        told.of("push").for_each(|event| commits.push(event));
        for event in told.of("release") {
            let commit = text(&event.change, "commit");
            if let (Some(repository), Some(tag), Some(commit)) =
                (repository(&event.change), &event.change.version, commit)
            {
                commits.tags.entry((repository, tag.clone())).or_insert(commit);
            }
        }
        commits.sort();
        let merged: Vec<&Event> = told
            .of("pull_request")
            .filter(|event| text(&event.change, "action").as_deref() == Some("merged"))
            .collect();
        merged.iter().for_each(|event| commits.merge(event));
        commits.sort();
        commits
    }

    /// Of two times that are told of one commit the earlier counts: rebasing and squashing make it look younger.
    fn made(&mut self, repository: &str, commit: &str, at: Nanos, event: i64) {
        let known = self.made.entry((repository.to_owned(), commit.to_owned())).or_insert((at, event));
        *known = (*known).min((at, event));
    }

    fn land(&mut self, repository: &str, branch: &str, commit: &str, landing: Landing) -> &mut Branch {
        let branches = self.branches.entry(repository.to_owned()).or_default();
        let branch = branches.entry(branch.to_owned()).or_default();
        let known = branch.landings.entry(commit.to_owned()).or_insert(landing);
        *known = (*known).min(landing);
        branch
    }

    fn push(&mut self, event: &Event) {
        let change = &event.change;
        let Some(repository) = repository(change) else { return };
        let head = text(change, "commit");
        let listed = listed(event);
        for (commit, at) in &listed {
            self.made(&repository, commit, *at, event.id);
        }
        if let (Some(tag), Some(head)) = (text(change, "tag"), &head) {
            self.tags.entry((repository.clone(), tag)).or_insert_with(|| head.clone());
        }
        let Some(branch) = text(change, "branch") else { return };
        for (place, (commit, _)) in listed.iter().enumerate() {
            self.land(&repository, &branch, commit, (change.at, place));
        }
        if let Some(head) = head {
            let default = yes(change, "default_branch");
            self.land(&repository, &branch, &head, (change.at, listed.len())).default |= default;
        }
    }

    fn merge(&mut self, event: &Event) {
        let change = &event.change;
        let (Some(repository), Some(commit), Some(base)) =
            (repository(change), text(change, "merge_commit"), text(change, "branch"))
        else {
            return;
        };
        let mut own: BTreeSet<String> = listed(event).into_iter().map(|(commit, _)| commit).collect();
        for (commit, at) in listed(event) {
            self.made(&repository, &commit, at, event.id);
        }
        if let (Some(head), Some(branch)) = (text(change, "head_commit"), text(change, "head_branch")) {
            let branch = self.branches.get(&repository).and_then(|branches| branches.get(&branch));
            own.extend(branch.into_iter().flat_map(|branch| branch.until(&head)).map(|(_, commit)| commit.clone()));
        }
        let known = |own: &String| self.made.contains_key(&(repository.clone(), own.clone()));
        if !own.contains(&commit) && own.iter().any(known) {
            self.markers.insert((repository.clone(), commit.clone()));
        } else if let Some(first) = time(change, "first_commit_at") {
            self.made(&repository, &commit, first, event.id);
        }
        // A push tells better when it came, and in which order with others.
        let at = (time(change, "merged_at").unwrap_or(change.at), 0);
        let branches = self.branches.entry(repository.clone()).or_default();
        let landing = *branches.entry(base.clone()).or_default().landings.entry(commit).or_insert(at);
        for commit in own {
            self.land(&repository, &base, &commit, landing);
        }
    }

    fn sort(&mut self) {
        for branch in self.branches.values_mut().flat_map(BTreeMap::values_mut) {
            branch.order = branch.landings.iter().map(|(commit, landing)| (*landing, commit.clone())).collect();
            branch.order.sort();
        }
    }

    /// When a commit was made, and the event that tells it.
    pub(super) fn made_at(&self, repository: &str, commit: &str) -> Option<(Nanos, i64)> {
        self.made.get(&(repository.to_owned(), commit.to_owned())).copied()
    }

    /// The branch that a commit was deployed from: the default one if it is there, else where it came first.
    fn branch(&self, repository: &str, commit: &str) -> Option<(&str, &Branch)> {
        let branches = self.branches.get(repository)?.iter().filter(|(_, branch)| branch.landings.contains_key(commit));
        branches
            .min_by_key(|(name, branch)| (!branch.default, branch.landings.get(commit), *name))
            .map(|(name, branch)| (name.as_str(), branch))
    }

    /// Each commit with the first deployment that had it: the time of that deployment, and how long it took.
    pub(super) fn lead_times(&self, told: &Told<'_>, service: &EntityRef, list: &[Deployment]) -> Vec<(Nanos, Span)> {
        let mut spans = Vec::new();
        let mut deployed: HashSet<Key> = HashSet::new();
        // How far each branch was deployed, so that nothing is looked at twice.
        let mut done: BTreeMap<(String, String), usize> = BTreeMap::new();
        for deployment in list {
            for (repository, commit) in self.heads(told, service, deployment) {
                let mut contained = vec![commit.clone()];
                if let Some((name, branch)) = self.branch(&repository, &commit) {
                    let from = done.entry((repository.clone(), name.to_owned())).or_default();
                    let order = branch.until(&commit);
                    contained.extend(order.iter().skip(*from).map(|(_, commit)| commit.clone()));
                    *from = order.len().max(*from);
                }
                for commit in contained {
                    let key = (repository.clone(), commit);
                    if self.markers.contains(&key) || !deployed.insert(key.clone()) {
                        continue;
                    }
                    let told = deployment.commit_at.filter(|_| deployment.commits.contains(&key.1));
                    let made = self.made.get(&key).copied().or(told.map(|at| (at, deployment.id)));
                    // A commit from the future is a clock that goes wrong.
                    if let Some((at, event)) = made.filter(|(at, _)| *at <= deployment.at) {
                        spans.push((deployment.at, (deployment.at.saturating_sub(at), vec![deployment.id, event])));
                    }
                }
            }
        }
        spans
    }

    /// The commits that a deployment names, itself or by a tag.
    fn heads(&self, told: &Told<'_>, service: &EntityRef, deployment: &Deployment) -> BTreeSet<Key> {
        let repositories = match &deployment.repository {
            Some(repository) => vec![repository.clone()],
            None => told.repositories(service),
        };
        let mut heads = BTreeSet::new();
        for repository in repositories {
            heads.extend(deployment.commits.iter().map(|commit| (repository.clone(), commit.clone())));
            for version in deployment.versions.iter().filter(|_| deployment.commits.is_empty()) {
                let tag = [version.clone(), format!("v{version}")]
                    .into_iter()
                    .find_map(|tag| self.tags.get(&(repository.clone(), tag)));
                // The version may be the commit itself.
                heads.insert((repository.clone(), tag.unwrap_or(version).clone()));
            }
        }
        heads
    }
}

impl Branch {
    /// What had come to the branch when a commit had.
    fn until(&self, commit: &str) -> &[(Landing, String)] {
        let Some(landing) = self.landings.get(commit) else { return &[] };
        let end = self.order.partition_point(|(known, _)| known <= landing);
        self.order.get(..end).unwrap_or_default()
    }
}

/// The commits that an event lists, with their times.
fn listed(event: &Event) -> Vec<(String, Nanos)> {
    let list = event.change.attributes.get("commits").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|item| Some((item.get("id")?.as_str()?.to_owned(), item.get("at")?.as_i64()?)))
        .collect()
}
