//! CISA's list of weaknesses that are known to be exploited.

use super::Exploited;
use crate::text::Text;
use crate::tree::{Malformed, Node, Tree};

/// Whether a document is the list.
pub fn is(root: Node<'_>) -> bool {
    root.get("vulnerabilities").is_some_and(Node::is_list) && root.get("catalogVersion").is_some()
}

/// Reads the list, and of when it is.
///
/// # Errors
/// When it is malformed or not the list.
pub fn read(text: &Text) -> Result<(Vec<Exploited>, String), Malformed> {
    let tree = Tree::json(text)?;
    let root = tree.documents().next().filter(|root| is(*root));
    let refuse = || super::super::refuse(Default::default(), "not CISA's list: `vulnerabilities` is missing");
    Ok(of(root.ok_or_else(refuse)?))
}

/// The list from its tree.
pub(super) fn of(root: Node<'_>) -> (Vec<Exploited>, String) {
    let said = |node: Node<'_>, name: &str| node.get(name).and_then(Node::text).unwrap_or_default().to_owned();
    let exploited = root.each("vulnerabilities").into_iter().map(|node| Exploited {
        cve: said(node, "cveID"),
        added: said(node, "dateAdded"),
        due: said(node, "dueDate"),
        ransomware: said(node, "knownRansomwareCampaignUse") == "Known",
    });
    (exploited.filter(|exploited| !exploited.cve.is_empty()).collect(), said(root, "dateReleased"))
}
