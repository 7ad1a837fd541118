//! What is mended: round by round, until nothing changes, each change verified.

use super::diff::unified;
use super::edit::{Edit, any_meet, apply};
use super::place::Site;
use super::spec::{Fix, Grade};
use crate::evaluate::{Evaluated, Evaluator};
use crate::families;
use crate::finding::{Finding, as_text};
use crate::limits::{MAX_FIX_ROUNDS, MAX_LEFT_SHOWN};
use crate::resource::World;
use crate::rules::Rule;
use crate::scanner::Scan;
use crate::text::Text;
use ahash::{AHashMap, AHashSet};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// What is to be changed, and what is not.
#[derive(Debug, Default, Serialize)]
pub struct Plan {
    /// Files that change, by path.
    pub changes: Vec<Change>,
    /// Findings that are not mended, with reasons.
    pub left: Vec<Left>,
}

/// A file that changes.
#[derive(Debug, Serialize)]
pub struct Change {
    /// Its path below the root.
    #[serde(serialize_with = "as_text")]
    pub path: Arc<str>,
    /// What it says now.
    #[serde(skip)]
    pub before: Arc<str>,
    /// What it will say.
    #[serde(skip)]
    pub after: String,
    /// What is mended by that.
    pub mended: Vec<Mended>,
}

/// A finding that is mended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mended {
    /// Its rule.
    #[serde(serialize_with = "as_text")]
    pub rule: Arc<str>,
    /// Its line in the file as it was.
    pub line: u32,
    /// What the fix does.
    #[serde(serialize_with = "as_text")]
    pub says: Arc<str>,
    /// How safe that is.
    pub grade: Grade,
}

/// A finding that is not mended though its rule has a fix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Left {
    /// Its rule.
    #[serde(serialize_with = "as_text")]
    pub rule: Arc<str>,
    /// Its file.
    #[serde(serialize_with = "as_text")]
    pub path: Arc<str>,
    /// Its line.
    pub line: u32,
    /// Why.
    pub reason: String,
    /// An unsafe fix would mend it.
    pub is_unsafe: bool,
}

/// A file as it is looked at between rounds.
struct Looked {
    world: World,
    evaluated: Evaluated,
    unread: usize,
}

/// A file after edits: as it is looked at, and its text.
type Next = (Looked, Arc<str>);

/// A finding with the edits that mend it.
struct Candidate<'l> {
    finding: &'l Finding,
    edits: Vec<Edit>,
    mended: Mended,
}

impl Plan {
    /// All changes as one unified diff.
    pub fn diff(&self) -> String {
        self.changes.iter().map(|change| unified(&change.path, &change.before, &change.after)).collect()
    }

    /// What is mended and what is not, in lines for people.
    pub fn says(&self, written: bool) -> String {
        let mended: usize = self.changes.iter().map(|change| change.mended.len()).sum();
        let mut text = match (self.changes.len(), written) {
            (0, _) => "nothing to mend without knowing what was meant\n".to_owned(),
            (files, true) => format!("{mended} findings mended in {files} files\n"),
            (files, false) => format!("{mended} findings in {files} files can be mended so: --fix=write does it\n"),
        };
        let is_unsafe = self.left.iter().filter(|left| left.is_unsafe).count();
        if is_unsafe > 0 {
            let _ = writeln!(text, "{is_unsafe} more with --unsafe-fixes, which may stop something that works now");
        }
        let others = self.left.iter().filter(|left| !left.is_unsafe);
        for Left { rule, path, line, reason, .. } in others.clone().take(MAX_LEFT_SHOWN) {
            let _ = writeln!(text, "not fixed: {rule} in {path}:{line}: {reason}");
        }
        let more = others.count().saturating_sub(MAX_LEFT_SHOWN);
        if more > 0 {
            let _ = writeln!(text, "and {more} more that are not fixed");
        }
        text
    }
}

/// What can be mended of those findings of a scan that are wanted and not hidden, with fixes of this grade and safer ones.
/// Nothing is written.
pub fn plan(scan: &Scan, rules: &[Rule], grade: Grade, is_wanted: &dyn Fn(&Finding) -> bool) -> Plan {
    let planner = Planner {
        evaluator: Evaluator::new(rules),
        fixes: rules.iter().filter_map(|rule| Some((&*rule.id, (rule, rule.fix.as_ref()?)))).collect(),
        grade,
    };
    let mut wanted: BTreeMap<Arc<str>, Vec<&Finding>> = BTreeMap::new();
    for found in scan.findings.iter().filter(|found| found.hidden.is_none() && is_wanted(&found.finding)) {
        if planner.fixes.contains_key(&*found.finding.rule) {
            wanted.entry(found.finding.path.clone()).or_default().push(&found.finding);
        }
    }
    let mut plan = Plan::default();
    for file in &scan.world.files {
        // A path is one file of a scan.
        let Some(wanted) = wanted.remove(&file.text.path) else { continue };
        let (change, left) = planner.file(&file.text, &wanted);
        plan.changes.extend(change);
        plan.left.extend(left);
    }
    planner.together(scan, &mut plan);
    plan.changes.sort_by(|a, b| a.path.cmp(&b.path));
    plan.left.sort_by(|a, b| (&a.path, a.line, &a.rule).cmp(&(&b.path, b.line, &b.rule)));
    plan
}

struct Planner<'r> {
    evaluator: Evaluator<'r>,
    fixes: AHashMap<&'r str, (&'r Rule, &'r Fix)>,
    grade: Grade,
}

impl Planner<'_> {
    fn look(&self, text: Text) -> Looked {
        let (world, unread) = families::world(vec![text]);
        let evaluated = self.evaluator.run(&world);
        Looked { world, evaluated, unread: unread.len() }
    }

    /// What can be mended in a file. It is looked at alone, since edits of it are about what is written in it.
    fn file(&self, text: &Text, wanted: &[&Finding]) -> (Option<Change>, Vec<Left>) {
        let open: AHashSet<&str> = wanted.iter().map(|finding| finding.fingerprint.as_str()).collect();
        let lines: AHashMap<&str, u32> =
            wanted.iter().map(|finding| (finding.fingerprint.as_str(), finding.start.line)).collect();
        let mut looked = self.look(text.clone());
        let mut said: Arc<str> = text.text.clone();
        let (mut mended, mut left, mut given_up) = (Vec::new(), Vec::new(), AHashSet::new());
        let seen: AHashSet<&str> =
            looked.evaluated.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
        let apart = wanted.iter().filter(|finding| !seen.contains(finding.fingerprint.as_str()));
        left.extend(apart.map(|finding| left_of(finding, "it depends on other files".to_owned(), false)));
        for _ in 0..MAX_FIX_ROUNDS {
            let mut batch: Vec<Candidate<'_>> = Vec::new();
            for finding in &looked.evaluated.findings {
                if !open.contains(finding.fingerprint.as_str()) || given_up.contains(&finding.fingerprint) {
                    continue;
                }
                match self.candidate(&looked.world, finding) {
                    Ok(candidate) if batch.iter().any(|other| any_meet(&other.edits, &candidate.edits)) => {}
                    Ok(candidate) => batch.push(candidate),
                    Err((reason, is_unsafe)) => {
                        given_up.insert(finding.fingerprint.clone());
                        left.push(left_of(finding, reason, is_unsafe));
                    }
                }
            }
            let Some((next, count)) = self.advance(&said, &looked, &batch, &mut |finding, reason| {
                given_up.insert(finding.fingerprint.clone());
                left.push(left_of(finding, reason, false));
            }) else {
                break;
            };
            let line = |of: &Candidate<'_>| {
                let line = lines.get(of.finding.fingerprint.as_str()).copied();
                Mended { line: line.unwrap_or(of.mended.line), ..of.mended.clone() }
            };
            mended.extend(count.iter().map(|at| line(&batch[*at])));
            drop(batch);
            said = next.1;
            looked = next.0;
        }
        let is_changed = *said != *text.text;
        let change = Change { path: text.path.clone(), before: text.text.clone(), after: said.to_string(), mended };
        (is_changed.then_some(change), left)
    }

    /// The edits for a finding; else why there are none, and whether only their grade is against them.
    fn candidate<'l>(&self, world: &World, finding: &'l Finding) -> Result<Candidate<'l>, (String, bool)> {
        let (rule, fix) = self.fixes.get(&*finding.rule).ok_or_else(|| ("it has no fix".to_owned(), false))?;
        let site = Site::of(world, rule, finding).ok_or_else(|| ("its place was not found".to_owned(), false))?;
        let edits = site.mend(fix).map_err(|reason| (reason.to_owned(), false))?;
        if edits.grade > self.grade {
            return Err((format!("its fix is unsafe: it {}", fix.says), true));
        }
        let mended =
            Mended { rule: finding.rule.clone(), line: finding.start.line, says: fix.says.clone(), grade: edits.grade };
        Ok(Candidate { finding, edits: edits.edits, mended })
    }

    /// Makes all edits; when together they do harm, the first that does none alone. What does harm is given up.
    fn advance(
        &self,
        said: &str,
        looked: &Looked,
        batch: &[Candidate<'_>],
        give_up: &mut dyn FnMut(&Finding, String),
    ) -> Option<(Next, Vec<usize>)> {
        let all: Vec<usize> = (0..batch.len()).collect();
        let alone: Vec<Vec<usize>> =
            if batch.len() > 1 { all.iter().map(|at| vec![*at]).collect() } else { Vec::new() };
        for some in std::iter::once(all).chain(alone).filter(|some| !some.is_empty()) {
            match self.tried(said, looked, batch, &some) {
                Ok(next) => return Some((next, some)),
                Err(reason) if some.len() == 1 => give_up(batch[some[0]].finding, reason),
                Err(_) => {}
            }
        }
        None
    }

    fn tried(&self, said: &str, looked: &Looked, batch: &[Candidate<'_>], some: &[usize]) -> Result<Next, String> {
        let edits: Vec<Edit> = some.iter().flat_map(|at| batch[*at].edits.iter().cloned()).collect();
        let next: Arc<str> = apply(said, &edits).ok_or("its edits are in each other's way")?.into();
        let path = looked.world.files.first().map_or_else(|| "".into(), |file| file.text.path.clone());
        let after = self.look(Text::new(path, next.clone()));
        let targets: Vec<&Finding> = some.iter().map(|at| batch[*at].finding).collect();
        harm(looked, &targets, &after)?;
        Ok((after, next))
    }

    /// All files together once more: what is new anywhere takes back the change of its file, or all of them.
    fn together(&self, scan: &Scan, plan: &mut Plan) {
        let known: Vec<Finding> = scan.findings.iter().map(|found| found.finding.clone()).collect();
        while !plan.changes.is_empty() {
            let changed: AHashMap<&str, &str> =
                plan.changes.iter().map(|change| (&*change.path, change.after.as_str())).collect();
            let texts = scan.world.files.iter().map(|file| match changed.get(&*file.text.path) {
                Some(after) => Text::new(file.text.path.clone(), *after),
                None => file.text.clone(),
            });
            let (world, _) = families::world(texts.collect());
            let findings = self.evaluator.run(&world).findings;
            let new = fresh(&known, &findings);
            if new.is_empty() {
                return;
            }
            let elsewhere = new.iter().any(|finding| !changed.contains_key(&*finding.path));
            let paths: AHashSet<Arc<str>> = new.iter().map(|finding| finding.path.clone()).collect();
            let rule = new[0].rule.clone();
            let is_back = |change: &Change| elsewhere || paths.contains(&change.path);
            let (back, stay) = std::mem::take(&mut plan.changes).into_iter().partition(is_back);
            plan.changes = stay;
            for change in back {
                let of = |mended: &Mended| Left {
                    rule: mended.rule.clone(),
                    path: change.path.clone(),
                    line: mended.line,
                    reason: format!("{rule} would fire"),
                    is_unsafe: false,
                };
                plan.left.extend(change.mended.iter().map(of));
            }
        }
    }
}

fn left_of(finding: &Finding, reason: String, is_unsafe: bool) -> Left {
    let (rule, path) = (finding.rule.clone(), finding.path.clone());
    Left { rule, path, line: finding.start.line, reason, is_unsafe }
}

/// What is found after and was not before. Where a rule finds no more in a file than before, what it found is there by
/// another name: a command's address is its name.
fn fresh<'a>(before: &[Finding], after: &'a [Finding]) -> Vec<&'a Finding> {
    let known: AHashSet<&str> = before.iter().map(|finding| finding.fingerprint.as_str()).collect();
    fn file(finding: &Finding) -> (&str, &str) {
        (&finding.rule, &finding.path)
    }
    let (was, is) = (counts(before.iter().map(file)), counts(after.iter().map(file)));
    let more = |finding: &&Finding| is.get(&file(finding)) > was.get(&file(finding));
    after.iter().filter(|finding| !known.contains(finding.fingerprint.as_str())).filter(more).collect()
}

type Counts<'l> = AHashMap<(&'l str, &'l str), usize>;

fn counts<'l>(all: impl Iterator<Item = (&'l str, &'l str)>) -> Counts<'l> {
    let mut counts = Counts::new();
    for key in all {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

/// Says what is worse than before.
fn harm(before: &Looked, targets: &[&Finding], after: &Looked) -> Result<(), String> {
    if after.unread > before.unread {
        return Err("the file would not parse".to_owned());
    }
    fn place(finding: &Finding) -> (&str, &str) {
        (&finding.rule, &finding.address)
    }
    let was = counts(before.evaluated.findings.iter().map(place));
    let is = counts(after.evaluated.findings.iter().map(place));
    for (key, fewer) in counts(targets.iter().map(|finding| place(finding))) {
        if is.get(&key).copied().unwrap_or(0) + fewer > was.get(&key).copied().unwrap_or(0) {
            return Err("the rule would still fire".to_owned());
        }
    }
    if let Some(new) = fresh(&before.evaluated.findings, &after.evaluated.findings).first() {
        return Err(format!("{} would fire", new.rule));
    }
    let open = |looked: &Looked| -> AHashSet<(Arc<str>, String)> {
        let all = looked.evaluated.undecided.iter();
        all.map(|undecided| (undecided.rule.clone(), undecided.address.clone())).collect()
    };
    let was = open(before);
    match open(after).into_iter().find(|key| !was.contains(key)) {
        Some((rule, _)) => Err(format!("{rule} could no longer be decided")),
        None => Ok(()),
    }
}
