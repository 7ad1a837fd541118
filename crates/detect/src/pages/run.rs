//! Runs the cases of pages: the simple evaluator and the windows, over the events of one story after the other.

use super::{Case, CaseEvent, Page, Problem};
use crate::event::PlainEvent;
use crate::input::object;
use crate::ops;
use crate::oracle;
use crate::pack::{File, Pack};
use crate::rule::{Correlation, Field, Place, Rule};
use crate::sigma::{self, Loaded};
use crate::sources::Sources;
use crate::windows::{Hit, Options, Windows};
use model::alert::CitedEvent;
use model::columns::Table;
use model::fact::{EntityRef, Nanos};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What running pages said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tested {
    /// Files of rules.
    pub files: usize,
    /// Rules and correlations in them.
    pub rules: usize,
    /// Cases that were run.
    pub cases: usize,
    /// Everything that is not as it should be, by place.
    pub problems: Vec<Problem>,
    /// Operational rules and their cases: these need a store, and are for whoever has one.
    pub stories: Vec<OpsStory>,
}

/// A case of an operational rule.
#[derive(Clone, Debug, PartialEq)]
pub struct OpsStory {
    /// The file of the rule.
    pub file: File,
    /// The case.
    pub case: Case,
}

/// Tests a pack: each file of rules has a page, the page is whole, its title is that of a rule that alerts, each case does
/// what its heading says, and each rule that alerts does so in some case.
pub fn test(pack: &Pack, sources: &Sources, options: &sigma::Options) -> Tested {
    let mut tested = Tested { files: pack.rules.len(), ..Tested::default() };
    let texts = pack.rules.iter().map(|file| (file.path.as_str(), file.text.as_ref()));
    let trial = Trial::new(sigma::load_texts(texts, options), sources);
    for refusal in &trial.loaded.refused {
        let says = match refusal.field.is_empty() {
            true => refusal.reason.clone(),
            false => format!("{}: {}", refusal.field, refusal.reason),
        };
        tested.problems.push(Problem { place: refusal.place.clone(), says });
    }
    for file in &pack.rules {
        let page = match pack.page_of(file) {
            None => {
                let place = Place { file: file.path.as_str().into(), line: 1, column: 1 };
                let says = format!("there is no page: write {}.md beside it", file.stem());
                tested.problems.push(Problem { place, says });
                None
            }
            Some(page) => match Page::parse(&page.path, &page.text) {
                Ok(page) => Some(page),
                Err(problems) => {
                    tested.problems.extend(problems);
                    None
                }
            },
        };
        match trial.loaded.operational.iter().any(|place| *place.file == *file.path) {
            true => operational(file, page, &mut tested),
            false => trial.file(file, page, &mut tested),
        }
    }
    tested.problems.extend(orphans(pack));
    tested.problems.sort_by_cached_key(|problem| {
        (problem.place.file.clone(), problem.place.line, problem.place.column, problem.says.clone())
    });
    tested
}

/// Pages without a rule.
fn orphans(pack: &Pack) -> impl Iterator<Item = Problem> + '_ {
    let stems: BTreeSet<&str> = pack.rules.iter().map(File::stem).collect();
    let alone = pack.pages.iter().filter(move |page| !stems.contains(page.stem()));
    alone.map(|page| Problem {
        place: Place { file: page.path.as_str().into(), line: 1, column: 1 },
        says: format!("there is no rule to this page: {}.yml is missing", page.stem()),
    })
}

fn operational(file: &File, page: Option<Page>, tested: &mut Tested) {
    let (rules, refused) = ops::parse(&file.path, &file.text);
    tested.rules += rules.len();
    for refused in refused {
        let says = format!("{}: {}", refused.field, refused.reason);
        tested.problems.push(Problem { place: refused.place, says });
    }
    let Some(page) = page else { return };
    if let Some(rule) = rules.first()
        && !rules.iter().any(|rule| rule.meta.title == page.title)
    {
        tested.problems.push(title(&page, &rule.meta.title));
    }
    let stories = page.cases.into_iter().map(|case| OpsStory { file: file.clone(), case });
    tested.stories.extend(stories);
}

fn title(page: &Page, of_rule: &str) -> Problem {
    let says = format!("the page's title is {:?} and the rule's {of_rule:?}: make them the same", page.title);
    Problem { place: page.place.clone(), says }
}

/// Rules with their fields resolved, ready for stories.
struct Trial<'s> {
    loaded: Loaded,
    sources: &'s Sources,
}

impl<'s> Trial<'s> {
    fn new(mut loaded: Loaded, sources: &'s Sources) -> Trial<'s> {
        sources.resolve_all(&mut loaded.rules, &mut loaded.correlations);
        Trial { loaded, sources }
    }

    /// Tests one file against its page.
    fn file(&self, file: &File, page: Option<Page>, tested: &mut Tested) {
        let set = self.set(&file.path);
        tested.rules += set.own.len();
        let Some(page) = page else { return };
        if set.own.is_empty() {
            // Refused, and told.
            return;
        }
        let alerting: Vec<(&str, &str, &Place)> = set.alerting().collect();
        if let Some((_, first, _)) = alerting.first()
            && !alerting.iter().any(|(_, name, _)| *name == page.title)
        {
            tested.problems.push(title(&page, first));
        }
        let mut fired: BTreeSet<String> = BTreeSet::new();
        for case in &page.cases {
            tested.cases += 1;
            match set.run(case, self.sources) {
                Err(problem) => tested.problems.push(problem),
                Ok(alerts) => {
                    if let Some(says) = set.verdict(case, &alerts, self.sources) {
                        tested.problems.push(Problem { place: case.place.clone(), says });
                    }
                    if case.fires {
                        fired.extend(alerts);
                    }
                }
            }
        }
        for (id, name, place) in alerting {
            if !fired.contains(id) {
                let says = format!("no case of the page makes {name:?} fire: add one");
                tested.problems.push(Problem { place: place.clone(), says });
            }
        }
    }

    /// The rules of a file, and those that its correlations look at wherever they are.
    fn set(&self, file: &str) -> Set {
        let by_id: BTreeMap<&str, &Correlation> =
            self.loaded.correlations.iter().map(|one| (one.meta.id.as_str(), one)).collect();
        let mut needed: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = Vec::new();
        let rules = self.loaded.rules.iter().map(|rule| &rule.meta);
        for meta in rules.chain(self.loaded.correlations.iter().map(|one| &one.meta)) {
            if *meta.place.file == *file {
                open.push(&meta.id);
            }
        }
        let own = open.iter().map(|id| (*id).to_owned()).collect();
        while let Some(id) = open.pop() {
            if needed.insert(id)
                && let Some(correlation) = by_id.get(id)
            {
                open.extend(correlation.rules.iter().map(String::as_str));
            }
        }
        let wanted = |id: &String| needed.contains(id.as_str());
        Set {
            rules: self.loaded.rules.iter().filter(|rule| wanted(&rule.meta.id)).cloned().collect(),
            correlations: self.loaded.correlations.iter().filter(|one| wanted(&one.meta.id)).cloned().collect(),
            own,
        }
    }
}

/// What one file's cases are run on.
struct Set {
    rules: Vec<Rule>,
    correlations: Vec<Correlation>,
    /// The ids of the file's own.
    own: BTreeSet<String>,
}

impl Set {
    /// Id, title and place of what raises alerts: nothing gathers it, or what does lets it through.
    fn alerting(&self) -> impl Iterator<Item = (&str, &str, &Place)> {
        let gathered = |id: &str| {
            let mut by = self.correlations.iter().filter(|one| one.rules.iter().any(|rule| rule == id)).peekable();
            by.peek().is_some() && by.all(|one| !one.generate)
        };
        let metas = self.rules.iter().map(|rule| &rule.meta).chain(self.correlations.iter().map(|one| &one.meta));
        metas
            .filter(move |meta| self.own.contains(&meta.id) && !gathered(&meta.id))
            .map(|meta| (meta.id.as_str(), meta.title.as_str(), &meta.place))
    }

    /// The ids of the file's rules that alert in a story.
    fn run(&self, case: &Case, sources: &Sources) -> Result<BTreeSet<String>, Problem> {
        let mut windows = Windows::new(&self.rules, &self.correlations, Options::default());
        if let Some(refused) = windows.refused().first() {
            let says = format!("{}: {}", refused.field, refused.reason);
            return Err(Problem { place: refused.place.clone(), says });
        }
        for (index, event) in case.events.iter().enumerate() {
            let plain = plain(event)?;
            let of = sources.of(&plain);
            // Events without a time are a second apart.
            let time = sources.time_in(&plain, &of).unwrap_or(index as Nanos * 1_000_000_000);
            let entity = of.iter().find_map(|definition| sources.entity(&plain, *definition));
            for (rule, one) in self.rules.iter().enumerate() {
                if sources.is_for(&one.source, &of) && oracle::matches(&one.condition, &plain) {
                    hit(&mut windows, rule, index, time, entity.as_ref(), event, &plain);
                }
            }
        }
        windows.advance(Nanos::MAX);
        let mut fired = BTreeSet::new();
        loop {
            let alerts = windows.take();
            if alerts.is_empty() {
                break;
            }
            fired.extend(alerts.into_iter().map(|alert| alert.rule).filter(|rule| self.own.contains(rule)));
        }
        Ok(fired)
    }

    /// What to say when a case did not do what its heading says.
    fn verdict(&self, case: &Case, fired: &BTreeSet<String>, sources: &Sources) -> Option<String> {
        if case.fires != fired.is_empty() {
            return None;
        }
        if !case.fires {
            let titles = self.alerting().filter(|(id, ..)| fired.contains(*id)).map(|(_, title, _)| title);
            return Some(format!("this case should be quiet, and {:?} fires", titles.collect::<Vec<_>>().join(", ")));
        }
        let (mut routed, mut matched) = (0, 0);
        for event in case.events.iter().filter_map(|event| plain(event).ok()) {
            let of = sources.of(&event);
            let rules: Vec<&Rule> = self.rules.iter().filter(|rule| sources.is_for(&rule.source, &of)).collect();
            routed += usize::from(!rules.is_empty());
            matched += usize::from(rules.iter().any(|rule| oracle::matches(&rule.condition, &event)));
        }
        Some(format!(
            "this case should fire, and stays quiet: of its {} events {routed} are of the log source, and {matched} match",
            case.events.len()
        ))
    }
}

/// An event of a case in its plainest form.
fn plain(event: &CaseEvent) -> Result<PlainEvent, Problem> {
    let text = serde_json::to_string(&event.object).unwrap_or_default();
    object(&text).map_err(|bad| Problem { place: event.place.clone(), says: bad.reason })
}

fn hit(
    windows: &mut Windows,
    rule: usize,
    index: usize,
    time: Nanos,
    entity: Option<&EntityRef>,
    event: &CaseEvent,
    plain: &PlainEvent,
) {
    let values: Vec<Option<String>> = windows.needs(rule).iter().map(|field| first(field, plain)).collect();
    let values: Vec<Option<Cow<'_, str>>> = values.iter().map(|value| value.as_deref().map(Cow::Borrowed)).collect();
    let copy = || CitedEvent {
        event_id: None,
        table: Table::Logs.name().to_owned(),
        timestamp: time,
        fields: event.object.clone(),
    };
    let dataset = "default";
    let (event_id, hash, table) = (None, index as u64, Table::Logs);
    windows.hit(&Hit { rule, time, event_id, hash, dataset, table, entity, values: &values, copy: &copy });
}

/// The first value of the first path that is there.
fn first(field: &Field, event: &PlainEvent) -> Option<String> {
    let values = field.paths.iter().find_map(|path| event.values(path).next());
    values.and_then(|value| value.text()).map(Cow::into_owned)
}
