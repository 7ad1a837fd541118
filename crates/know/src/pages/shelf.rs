//! All pages, and the search over them and over other documents.
//!
//! Files are read in the calling thread: call [`Shelf::open`] and [`Shelf::reload`] where waiting for a disk is fine.

use super::attach::Names;
use super::folder::{self, Stamp};
use super::page::{Origin, Page, Problem};
use super::search::{Asked, Document, Hit, Index};
use super::{builtin, read};
use crate::limits::{MAX_PROBLEMS, MAX_SHELF_BYTES};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

/// Pages of folders and built-in ones.
#[derive(Debug)]
pub struct Shelf {
    roots: Vec<PathBuf>,
    builtin: Vec<Arc<Page>>,
    /// One reload at a time; searches go on beside it.
    reloading: Mutex<()>,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<PathBuf, Arc<Known>>,
    pages: BTreeMap<String, Arc<Page>>,
    names: Names,
    index: Index,
    problems: Problems,
}

/// A file as it was read.
#[derive(Debug)]
struct Known {
    root: usize,
    stamp: Stamp,
    page: Option<Arc<Page>>,
    problems: Vec<Problem>,
}

/// What is wrong, and how much more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PageProblems)]
pub struct Problems {
    /// The first of them.
    pub first: Vec<Problem>,
    /// How many more there are.
    pub more: usize,
}

impl Problems {
    fn add(&mut self, problem: Problem) {
        if self.first.len() < MAX_PROBLEMS {
            self.first.push(problem);
        } else {
            self.more += 1;
        }
    }
}

/// What a reload changed, by the ids of pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reloaded {
    /// New pages.
    pub added: Vec<String>,
    /// Pages that say something else.
    pub changed: Vec<String>,
    /// Pages that are gone.
    pub removed: Vec<String>,
    /// Files that were read.
    pub read: usize,
}

impl Reloaded {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

impl Shelf {
    /// Reads folders. Of pages of the same id the one of the folder that is named first counts; a runbook of a folder
    /// replaces the built-in one of the same file name. A folder or file that cannot be read is a problem, and the others
    /// are read.
    pub fn open(roots: Vec<PathBuf>) -> Shelf {
        let mut problems = Vec::new();
        let builtin = builtin::pages(&mut problems).into_iter().map(Arc::new).collect();
        let shelf = Shelf { roots, builtin, reloading: Mutex::default(), state: RwLock::default() };
        shelf.reload();
        shelf
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the folders again and reads the files that changed. A page whose file cannot be read any more stays as it
    /// was, with a problem.
    pub fn reload(&self) -> Reloaded {
        let _one = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reloaded = Reloaded::default();
        let mut problems = Problems::default();
        let (files, order) = self.look(&mut problems, &mut reloaded.read);
        let pages = self.shelve(&files, &order, &mut problems);
        let before = self.state().pages.clone();
        for (id, page) in &pages {
            match before.get(id) {
                None => reloaded.added.push(id.clone()),
                // A file that was touched and says the same is no change.
                Some(old) if !Arc::ptr_eq(old, page) && old != page => reloaded.changed.push(id.clone()),
                Some(_) => {}
            }
        }
        reloaded.removed = before.keys().filter(|id| !pages.contains_key(*id)).cloned().collect();
        let names = (!reloaded.is_empty()).then(|| Names::of(pages.values()));
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for id in reloaded.removed.iter().chain(&reloaded.changed) {
            if let Some(old) = before.get(id) {
                state.index.remove(old.kind.name(), id);
            }
        }
        for id in reloaded.added.iter().chain(&reloaded.changed) {
            if let Some(page) = pages.get(id)
                && let Err(error) = state.index.put(page.document())
            {
                problems.add(Problem { path: page.file.clone(), line: None, what: error.to_string() });
            }
        }
        if let Some(names) = names {
            state.names = names;
        }
        (state.files, state.pages, state.problems) = (files, pages, problems);
        reloaded
    }

    /// All files as they are now, those read again that changed, and the order in which they count.
    fn look(&self, problems: &mut Problems, count: &mut usize) -> (HashMap<PathBuf, Arc<Known>>, Vec<PathBuf>) {
        let before = self.state().files.clone();
        let mut files = HashMap::with_capacity(before.len());
        let mut order = Vec::with_capacity(before.len());
        let mut bytes = 0_u64;
        for (root, folder) in self.roots.iter().enumerate() {
            let listing = folder::list(folder);
            listing.problems.into_iter().for_each(|problem| problems.add(problem));
            if listing.failed {
                let mut kept: Vec<_> = before.iter().filter(|(_, known)| known.root == root).collect();
                kept.sort_by(|a, b| a.0.cmp(b.0));
                for (path, known) in kept {
                    order.push(path.clone());
                    files.insert(path.clone(), known.clone());
                }
                continue;
            }
            for found in listing.files {
                bytes += found.stamp.size();
                if bytes > MAX_SHELF_BYTES {
                    let what = format!(
                        "all pages together have more than {} MiB: what comes now is not read",
                        MAX_SHELF_BYTES >> 20
                    );
                    problems.add(Problem { path: found.path.display().to_string(), line: None, what });
                    break;
                }
                let known = match before.get(&found.path) {
                    Some(known) if known.stamp == found.stamp => known.clone(),
                    old => {
                        *count += 1;
                        let mut told = Vec::new();
                        let page = read::read(&found, &mut told).map(Arc::new);
                        // What cannot be read now, as in the middle of writing, was a page before.
                        let page = page.or_else(|| old.filter(|_| !told.is_empty()).and_then(|old| old.page.clone()));
                        Arc::new(Known { root, stamp: found.stamp, page, problems: told })
                    }
                };
                order.push(found.path.clone());
                files.insert(found.path, known);
            }
        }
        (files, order)
    }

    /// The pages by id.
    fn shelve(
        &self,
        files: &HashMap<PathBuf, Arc<Known>>,
        order: &[PathBuf],
        problems: &mut Problems,
    ) -> BTreeMap<String, Arc<Page>> {
        let mut pages: BTreeMap<String, Arc<Page>> = BTreeMap::new();
        for known in order.iter().filter_map(|path| files.get(path)) {
            known.problems.iter().for_each(|problem| problems.add(problem.clone()));
            let Some(page) = &known.page else { continue };
            if let Some(other) = pages.get(&page.id) {
                let what = format!("{} has the same name in its folder and counts: rename one", other.file);
                problems.add(Problem { path: page.file.clone(), line: None, what });
            } else {
                pages.insert(page.id.clone(), page.clone());
            }
        }
        let name = |page: &Page| page.id.rsplit('/').next().unwrap_or_default().to_owned();
        let runbooks = pages.values().filter(|page| page.kind == super::Kind::Runbook);
        let own: BTreeSet<String> = runbooks.map(|page| name(page)).collect();
        for page in self.builtin.iter().filter(|page| !own.contains(&name(page))) {
            pages.entry(page.id.clone()).or_insert_with(|| page.clone());
        }
        pages
    }

    /// A page by its id.
    pub fn page(&self, id: &str) -> Option<Arc<Page>> {
        self.state().pages.get(id).cloned()
    }

    /// All pages in the order of their ids.
    pub fn pages(&self) -> Vec<Arc<Page>> {
        self.state().pages.values().cloned().collect()
    }

    /// What is wrong with folders and files.
    pub fn problems(&self) -> Problems {
        self.state().problems.clone()
    }

    /// How many pages of folders there are, without the built-in ones.
    pub fn own_pages(&self) -> usize {
        self.state().pages.values().filter(|page| page.origin != Origin::BuiltIn).count()
    }

    /// Adds something that is no page to what can be found, in place of what has its kind and id.
    ///
    /// # Errors
    /// When there is a page of this id, or there are too many documents.
    pub fn put(&self, document: Document) -> Result<()> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        ensure!(!state.pages.contains_key(&document.id), "there is a page `{}`", document.id);
        state.index.put(document)
    }

    /// Takes a document that is no page out of what can be found; whether it was there.
    pub fn forget(&self, kind: &str, id: &str) -> bool {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        !state.pages.contains_key(id) && state.index.remove(kind, id)
    }

    /// The best answers, the best first.
    pub fn search(&self, asked: &Asked) -> Vec<Hit> {
        self.state().index.search(asked)
    }

    /// Bytes of the index beside the pages, about right.
    pub fn index_bytes(&self) -> usize {
        self.state().index.bytes()
    }

    /// Calls with the pages, what they name, and the index of one moment.
    pub(super) fn with<T>(&self, call: impl FnOnce(&BTreeMap<String, Arc<Page>>, &Names, &Index) -> T) -> T {
        let state = self.state();
        call(&state.pages, &state.names, &state.index)
    }
}
