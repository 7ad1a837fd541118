//! From a finding to the edits that mend it.

use super::checks;
use super::document::{Document, Position, Refused};
use super::edit::{Edit, newline};
use super::spec::{Fix, Grade, Replace, Step, Value, Within};
use crate::families::docker::dockerfile::{Dockerfile, Form};
use crate::finding::Finding;
use crate::resource::{Resource, ResourceId, World};
use crate::rules::{Condition, Rule, Subject, Truth};
use crate::text::{Span, Text};

/// A finding with what it is about.
#[derive(Clone, Copy)]
pub struct Site<'w> {
    /// What was read.
    pub world: &'w World,
    /// What the finding is about.
    pub id: ResourceId,
    /// Where it is shown.
    pub span: Span,
}

/// What a fix does in one place.
pub struct Edits {
    /// The edits.
    pub edits: Vec<Edit>,
    /// How safe it is here.
    pub grade: Grade,
}

impl<'w> Site<'w> {
    /// What a finding is about, in the world that it was found in.
    pub fn of(world: &'w World, rule: &Rule, finding: &Finding) -> Option<Site<'w>> {
        let covers = |resource: &Resource| {
            let node = world.node(resource.file, resource.node).span();
            let around = |span: Span| span.start <= finding.span.start && finding.span.end <= span.end.max(span.start);
            around(node) || around(resource.span)
        };
        let size = |id: &ResourceId| {
            let resource = world.resource(*id);
            let span = world.node(resource.file, resource.node).span();
            let asked = rule.about.iter().any(|kind| **kind == *resource.kind);
            (!asked, !covers(resource), span.end - span.start)
        };
        let here = world.ids().filter(|id| {
            let resource = world.resource(*id);
            resource.file == finding.file && resource.address == finding.address
        });
        here.min_by_key(size).map(|id| Site { world, id, span: finding.span })
    }

    /// Its resource.
    pub fn resource(&self) -> &'w Resource {
        self.world.resource(self.id)
    }

    /// Its text.
    pub fn text(&self) -> &'w Text {
        &self.world.file(self.resource().file).text
    }

    fn holds(&self, condition: &Condition) -> bool {
        matches!(condition.holds(Subject::Resource(self.world, self.id)), Truth::Yes(_))
    }

    /// What a fix does here.
    ///
    /// # Errors
    /// When it does nothing, and why.
    pub fn mend(&self, fix: &Fix) -> Result<Edits, Refused> {
        if self.resource().family == "helm" {
            return Err("it is in a template: what is rendered is not what is written");
        }
        if fix.when.as_ref().is_some_and(|when| !self.holds(when)) {
            return Err("here more would have to be known");
        }
        let is_safe = fix.safe_when.as_ref().is_some_and(|when| self.holds(when));
        let mut mended = Edits { edits: Vec::new(), grade: if is_safe { Grade::Safe } else { fix.grade } };
        let mut at = Position::default();
        for step in &fix.steps {
            match step {
                Step::After(name) => at.after = Some(name),
                Step::Before(name) => at.before = Some(name),
                Step::Needs(_) | Step::Unless(_) | Step::Set(..) | Step::Add(..) | Step::Remove(_) => {
                    mended.edits.extend(self.structured(step, at)?);
                }
                Step::Replace(replace) => mended.edits.extend(self.replace(replace)?),
                Step::Append(text) => mended.edits.push(self.append(text)?),
                Step::Check(name) => {
                    let check = checks::find(name).ok_or("there is no such fix")?;
                    let found = check(self)?;
                    mended.grade = mended.grade.max(found.grade);
                    mended.edits.extend(found.edits);
                }
            }
        }
        match mended.edits.is_empty() {
            true => Err("there is nothing that could be changed"),
            false => Ok(mended),
        }
    }

    /// The map that the resource is, when it is one.
    pub fn map(&self) -> Option<Span> {
        let resource = self.resource();
        // A job is put together from templates; where it is written, its name tells.
        if resource.family == "gitlab" {
            return None;
        }
        Some(self.world.node(resource.file, resource.node)).filter(|node| node.is_map()).map(|node| node.span())
    }

    fn structured(&self, step: &Step, at: Position<'_>) -> Result<Option<Edit>, Refused> {
        let document = Document::read(self.text())?;
        let target = document.target(self.map(), self.resource().span)?;
        let edit = match step {
            Step::Needs(path) if !document.has(target, path) => return Err("it is taken over from elsewhere"),
            Step::Unless(pattern) if pattern.is_match(document.written(target)) => {
                return Err("it is said there already, in another way");
            }
            Step::Set(path, value) => document.set(target, path, &self.filled(value)?, at)?,
            Step::Add(path, value) => document.add(target, path, &self.filled(value)?, at)?,
            Step::Remove(path) => document.remove(target, path)?,
            _ => return Ok(None),
        };
        Ok(Some(edit))
    }

    /// A value with what is known here: `{stem}` is the file's name without its ending, `{found}` the number that was found.
    fn filled(&self, value: &Value) -> Result<Value, Refused> {
        let (name, found) = (self.text().path.rsplit('/').next().unwrap_or_default(), self.text().slice(self.span));
        if value.flow(false).contains("{found}") && (found.is_empty() || !found.bytes().all(|b| b.is_ascii_digit())) {
            return Err("what was found is no number");
        }
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        Ok(value.replaced(&[("{stem}", stem), ("{found}", found)]))
    }

    fn replace(&self, replace: &Replace) -> Result<Vec<Edit>, Refused> {
        let span = match &replace.within {
            Within::Finding => self.span,
            Within::Whole => self.whole(),
            Within::Field(path) => {
                let node = path.first(Subject::Resource(self.world, self.id));
                node.ok_or("what is to be changed is not there")?.span()
            }
        };
        let slice = self.text().slice(span);
        let mut edits: Vec<Edit> = Vec::new();
        for (pattern, with) in &replace.pairs {
            let pattern = pattern.get().ok_or("its expression cannot be used")?;
            let found =
                pattern.captures_iter(slice).take(if replace.all { usize::MAX } else { 1 }).filter_map(|captures| {
                    let at = captures.get(0)?;
                    let mut text = String::new();
                    captures.expand(with, &mut text);
                    let start = span.start as usize;
                    Some(Edit::replace(Span::new(start + at.start(), start + at.end()), text))
                });
            edits.extend(found);
            if !replace.all && !edits.is_empty() {
                break;
            }
        }
        match edits.is_empty() {
            true => Err("it is written in a way that is not changed here"),
            false => Ok(edits),
        }
    }

    /// The instruction that the resource is, or that it is in; else the node.
    fn whole(&self) -> Span {
        let resource = self.resource();
        let span = resource.span;
        let instruction = (resource.family == "docker").then(|| self.instruction()).flatten();
        instruction.map_or_else(|| self.world.node(resource.file, resource.node).span().to(span), |(span, ..)| span)
    }

    /// The span of the instruction around it, whether text can be put at its end, and the character that continues lines.
    pub fn instruction(&self) -> Option<(Span, bool, char)> {
        let file = Dockerfile::read(self.text());
        let at = self.resource().span.start;
        let found =
            file.instructions.iter().find(|of| of.span.start <= at && at < of.span.end.max(of.span.start + 1))?;
        let start = found.span.start as usize;
        let said = self.text().slice(found.span).trim_end();
        let open = matches!(found.form, Form::Shell) && found.heredocs.is_empty();
        let ends = said.ends_with([file.escape, ';', '&', '|', '(', '{']);
        let comment = said.lines().last().is_some_and(|line| line.contains('#'));
        Some((Span::new(start, start + said.len()), open && !ends && !comment, file.escape))
    }

    /// Text at the end of an instruction: on a line of its own when it has several.
    fn append(&self, text: &str) -> Result<Edit, Refused> {
        let (span, open, escape) = self.instruction().ok_or("the instruction was not found")?;
        if !open {
            return Err("the instruction is written in a way that nothing can be put behind it");
        }
        let said = self.text().slice(span);
        let Some((_, last)) = said.rsplit_once('\n') else {
            return Ok(Edit::insert(span.end as usize, format!(" {text}")));
        };
        let indent: String = last.chars().take_while(|character| character.is_whitespace()).collect();
        let newline = newline(self.text(), span.start);
        Ok(Edit::insert(span.end as usize, format!(" {escape}{newline}{indent}{text}")))
    }
}
