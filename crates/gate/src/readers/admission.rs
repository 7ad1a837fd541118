//! Requests of an API server of Kubernetes (`admission.k8s.io/v1`) for Deployments, StatefulSets and their scale, and the answers to them.
//!
//! Whatever cannot be read is let pass with a warning that says so: a gate that cannot see must not stop a cluster. Who asks is a
//! name of a person, and is not read.

use super::{ENVIRONMENTS, ReadError, images, name, service};
use crate::limits::{MAX_LISTED, MAX_REVIEW_BYTES, MAX_WARNING_CHARS, MAX_WARNINGS};
use crate::text::{Kept, line, manner, plain, shortened};
use model::{Answer, Asked, Question, Reason, Verdict};
use serde_json::{Map, Value, json};

/// What says why something must pass, at the object: it is let pass, and looked at afterwards.
pub const DEFENCE: &str = "tandem/defence";

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// What its answer has to name.
    pub uid: String,
    /// What it asks; nothing when there is nothing to decide.
    pub asked: Vec<Asked>,
    /// What could not be told from it.
    pub undecided: Vec<String>,
    /// Nothing comes of it: its verdicts are not to be kept.
    pub dry_run: bool,
}

/// Reads one. What the object does not say of the environment is given.
///
/// # Errors
/// When it is malformed, too large, of another version, or without a uid: then nothing can be answered but an error.
pub fn read(bytes: &[u8], environment: Option<&str>) -> Result<Review, ReadError> {
    if bytes.len() > MAX_REVIEW_BYTES {
        return Err(ReadError::too_large(MAX_REVIEW_BYTES, "MAX_REVIEW_BYTES"));
    }
    let document: Value = serde_json::from_slice(bytes).map_err(|error| ReadError::json(&error))?;
    let wrong = |reason: &str| ReadError::new(1, 1, reason);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    if text(&document, "kind").as_deref() != Some("AdmissionReview") {
        return Err(wrong("no request of an API server: its `kind` is AdmissionReview"));
    }
    if text(&document, "apiVersion").as_deref() != Some("admission.k8s.io/v1") {
        return Err(wrong(
            "only admission.k8s.io/v1 is answered: write `admissionReviewVersions: [v1]` into the webhook",
        ));
    }
    let request = document.get("request").ok_or_else(|| wrong("it has no `request`"))?;
    let uid = text(request, "uid").filter(|uid| !uid.is_empty() && uid.len() <= 128);
    let uid = uid.ok_or_else(|| wrong("its request has no `uid`"))?;
    let dry_run = request.get("dryRun").and_then(Value::as_bool).unwrap_or(false);
    let mut review = Review { uid, asked: Vec::new(), undecided: Vec::new(), dry_run };
    let operation = request.get("operation").and_then(Value::as_str).unwrap_or_default();
    if !matches!(operation, "CREATE" | "UPDATE") {
        return Ok(review);
    }
    let kind = request.pointer("/kind/kind").and_then(Value::as_str).unwrap_or_default();
    let part = request.get("subResource").and_then(Value::as_str).unwrap_or_default();
    let object = Object { request, environment };
    match (kind, part) {
        ("Deployment" | "StatefulSet", "") => object.workload(operation == "CREATE", &mut review),
        ("Scale", _) => object.scale(&mut review),
        _ => {}
    }
    Ok(review)
}

struct Object<'r> {
    request: &'r Value,
    environment: Option<&'r str>,
}

impl<'r> Object<'r> {
    fn at(&self, path: &str) -> Option<&'r Value> {
        self.request.pointer(path).filter(|value| !value.is_null())
    }

    fn text(&self, path: &str) -> Option<&'r str> {
        self.at(path).and_then(Value::as_str)
    }

    /// A label; of a scale, as its selector has it.
    fn label(&self, key: &str) -> Option<&'r str> {
        let labels = self.at("/object/metadata/labels").and_then(|labels| labels.get(key)?.as_str());
        let pairs = self.text("/object/status/selector").unwrap_or_default().split(',');
        labels.or_else(|| {
            pairs.filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == key).map(|(_, value)| value)
        })
    }

    /// A question about it, but for what is asked.
    fn asked(&self, question: Question, review: &mut Review) -> Option<Asked> {
        let own = self.text("/name").or(self.text("/object/metadata/name")).unwrap_or_default();
        let namespace = self.text("/namespace").or(self.text("/object/metadata/namespace"));
        let Some(service) = service(|key| self.label(key), namespace, own) else {
            review.undecided.push("the object has no name: which service it is cannot be told".to_owned());
            return None;
        };
        let said = ENVIRONMENTS.into_iter().find_map(|key| self.label(key).and_then(name));
        let annotation = self.at("/object/metadata/annotations").and_then(|all| all.get(DEFENCE)?.as_str());
        let defence = annotation.map(str::trim).filter(|text| !text.is_empty());
        Some(Asked {
            question,
            service,
            environment: said.or(self.environment.map(str::to_owned)),
            version: None,
            from: None,
            to: None,
            defence: defence.map(|text| shortened(&plain(text), MAX_WARNING_CHARS)),
        })
    }

    fn workload(&self, new: bool, review: &mut Review) {
        let images = |object: &str| images_of(self.at(&format!("{object}/spec/template/spec")));
        let Some(now) = images("/object") else {
            review.undecided.push("the object has no containers that can be read".to_owned());
            return;
        };
        let other = new || images("/oldObject").is_none_or(|before| before != now);
        if other && let Some(asked) = self.asked(Question::Release, review) {
            let labels = self.at("/object/spec/template/metadata/labels").or(self.at("/object/metadata/labels"));
            let labelled = labels.and_then(|labels| labels.get("app.kubernetes.io/version")?.as_str()).and_then(name);
            let of_image = || now.first().and_then(|(_, image)| images::version(image));
            review.asked.push(Asked { version: labelled.or_else(of_image), ..asked });
        }
        if !new {
            self.grown(review);
        }
    }

    fn scale(&self, review: &mut Review) {
        self.grown(review);
    }

    /// Asks when there shall be more than there were. Kubernetes takes one for none said.
    fn grown(&self, review: &mut Review) {
        let replicas = |object: &str| match self.at(&format!("{object}/spec"))?.get("replicas") {
            None | Some(Value::Null) => Some(1),
            Some(number) => number.as_u64(),
        };
        let (from, to) = (replicas("/oldObject"), replicas("/object"));
        let Some(to) = to else {
            review.undecided.push("how many there shall be cannot be told".to_owned());
            return;
        };
        if from.is_none_or(|from| to > from)
            && let Some(asked) = self.asked(Question::Scale, review)
        {
            review.asked.push(Asked { from, to: Some(to), ..asked });
        }
    }
}

/// Names and images of the containers of a pod.
fn images_of(pod: Option<&Value>) -> Option<Vec<(&str, &str)>> {
    let lists = ["containers", "initContainers"];
    let pod = pod?;
    let containers = lists.into_iter().filter_map(|list| pod.get(list)?.as_array()).flatten();
    let images: Vec<(&str, &str)> = containers
        .filter_map(|container| Some((container.get("name")?.as_str()?, container.get("image")?.as_str()?)))
        .collect();
    (!images.is_empty()).then_some(images)
}

/// The answer to a request: let pass unless a verdict stops it; what would have stopped it are warnings.
pub fn answer(review: &Review, verdicts: &[(Verdict, Option<i64>)]) -> Value {
    let stopped: Vec<&(Verdict, Option<i64>)> = verdicts.iter().filter(|(verdict, _)| verdict.stopped).collect();
    let mut warnings: Vec<String> = Vec::new();
    for (verdict, id) in verdicts.iter().filter(|(verdict, _)| !verdict.reasons.is_empty()) {
        warnings.push(warning(&line(verdict)));
        // Before the reasons, of which some may be left out.
        let kept = Kept { id: *id, page: None };
        let command = crate::text::answers(verdict, kept).into_iter().nth(1);
        warnings.extend(command.map(|command| warning(&format!("in the way? {command}"))));
        warnings.extend(verdict.reasons.iter().map(|reason| warning(&said(verdict, reason))));
    }
    warnings.extend(review.undecided.iter().map(|text| warning(&format!("undecided: {text}"))));
    let left = warnings.len().saturating_sub(MAX_WARNINGS);
    if left > 0 {
        warnings.truncate(MAX_WARNINGS - 1);
        warnings.push(format!("tandem: {} more warnings", left + 1));
    }
    let mut response = json!({
        "uid": review.uid,
        "allowed": stopped.is_empty(),
        "auditAnnotations": annotations(verdicts, &review.undecided),
    });
    if let Some(members) = response.as_object_mut() {
        if !warnings.is_empty() {
            members.insert("warnings".to_owned(), warnings.into());
        }
        if !stopped.is_empty() {
            let lines: Vec<String> = stopped.iter().take(MAX_LISTED).map(|(verdict, id)| stop(verdict, *id)).collect();
            let status = json!({"code": 403, "reason": "Forbidden", "message": lines.join("\n")});
            members.insert("status".to_owned(), status);
        }
    }
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})
}

/// The answer to what could not be decided at all: let pass, and said so.
pub fn undecided(uid: &str, why: &str) -> Value {
    let review = Review {
        uid: uid.to_owned(),
        asked: Vec::new(),
        undecided: vec![format!("{why}; it was let pass")],
        dry_run: false,
    };
    answer(&review, &[])
}

fn warning(text: &str) -> String {
    shortened(&format!("tandem: {}", plain(text)), MAX_WARNING_CHARS)
}

/// Who answers for it and until when stands first, so that no long text cuts it off.
fn said(verdict: &Verdict, reason: &Reason) -> String {
    let (manner, control) = (manner(verdict, reason), crate::text::control(reason));
    format!("{manner} [{}; {control}]: {}; to do: {}", reason.check, reason.text, reason.fix)
}

/// What somebody reads who was stopped: all of it, as a terminal shows it.
fn stop(verdict: &Verdict, id: Option<i64>) -> String {
    crate::text::terminal(verdict, Kept { id, page: None })
}

/// For the audit log of the cluster.
fn annotations(verdicts: &[(Verdict, Option<i64>)], undecided: &[String]) -> Map<String, Value> {
    let mut out = Map::new();
    let worst = verdicts.iter().map(|(verdict, _)| verdict.answer).max();
    let worst = if undecided.is_empty() { worst } else { worst.max(Some(Answer::Undecided)) };
    if let Some(worst) = worst {
        out.insert("answer".to_owned(), worst.words().into());
    }
    let mut put = |name: &str, list: Vec<String>| {
        if !list.is_empty() {
            out.insert(name.to_owned(), list.join(",").into());
        }
    };
    put("verdict", verdicts.iter().filter_map(|(_, id)| id.map(|id| id.to_string())).collect());
    put("inputs", verdicts.iter().map(|(verdict, _)| verdict.inputs.clone()).collect());
    let against = verdicts.iter().flat_map(|(verdict, _)| &verdict.reasons);
    let against = against.filter(|reason| reason.excepted.is_none() && reason.answer == Answer::NotYet);
    put("against", against.map(|reason| plain(&reason.check)).collect());
    out
}
