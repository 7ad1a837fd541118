//! Who may do what: reading goes by dataset, acting by role and team.

use crate::Datasets;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What somebody may do in a team; each may also do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees.
    Viewer,
    /// Acknowledges, triages, responds.
    Responder,
    /// Changes rules, controls, owners.
    Editor,
    /// Gives rights, changes the configuration.
    Admin,
}

impl Role {
    /// All, the least first.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Responder, Role::Editor, Role::Admin];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Responder => "responder",
            Role::Editor => "editor",
            Role::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Role::ALL.into_iter().find(|role| role.name() == text);
        found.ok_or_else(|| "a role is viewer, responder, editor or admin".to_owned())
    }
}

/// A role in a team, and the datasets that come with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The team; none is all of them.
    pub team: Option<String>,
    /// What may be read.
    pub datasets: Datasets,
}

impl Grant {
    /// A role everywhere, with all datasets.
    pub fn everywhere(role: Role) -> Grant {
        Grant { role, team: None, datasets: Datasets::All }
    }

    /// Whether it holds for a team; of no team only what holds for all.
    fn holds_for(&self, team: Option<&str>) -> bool {
        self.team.is_none() || self.team.as_deref() == team
    }
}

/// How a caller proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallerKind {
    /// Not at all.
    Anonymous,
    /// A person, by a session.
    User,
    /// A program, by an API token of the ledger.
    Token,
    /// A program, by an API token of the configuration.
    Configured,
    /// The user that the server runs as, by a file that only this user can read.
    Owner,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// How it is known.
    pub kind: CallerKind,
    /// Of the user or token, in the ledger.
    pub id: Option<i64>,
    /// Log-in, or label of the token. No log-in has a space, so that no label passes for one.
    pub name: String,
    /// What it was granted.
    pub grants: Vec<Grant>,
}

impl Caller {
    /// Somebody unknown, who may nothing.
    pub fn anonymous() -> Caller {
        Caller { kind: CallerKind::Anonymous, id: None, name: "somebody unknown".to_owned(), grants: Vec::new() }
    }

    /// The server's own user, who could change its files as well.
    pub fn owner() -> Caller {
        Caller {
            kind: CallerKind::Owner,
            id: None,
            name: "owner of the server".to_owned(),
            grants: vec![Grant::everywhere(Role::Admin)],
        }
    }

    /// Whether it is known at all.
    pub fn is_known(&self) -> bool {
        self.kind != CallerKind::Anonymous
    }

    /// The greatest role in a team; of no team, the one that holds for all.
    pub fn role_for(&self, team: Option<&str>) -> Option<Role> {
        self.grants.iter().filter(|grant| grant.holds_for(team)).map(|grant| grant.role).max()
    }

    /// The greatest role in any team.
    pub fn highest(&self) -> Option<Role> {
        self.grants.iter().map(|grant| grant.role).max()
    }

    /// Whether it may do in a team what the role may; of no team, what concerns all.
    pub fn may(&self, role: Role, team: Option<&str>) -> bool {
        self.role_for(team).is_some_and(|has| has >= role)
    }

    /// What it may read.
    pub fn datasets(&self) -> Datasets {
        union(self.grants.iter())
    }

    /// Whether it may give a grant to others: as an admin there, and no dataset but those that it is an admin of.
    pub fn may_give(&self, grant: &Grant) -> bool {
        let team = grant.team.as_deref();
        let own = union(self.grants.iter().filter(|own| own.role == Role::Admin && own.holds_for(team)));
        self.may(Role::Admin, team) && own.cover(&grant.datasets)
    }
}

fn union<'g>(grants: impl Iterator<Item = &'g Grant>) -> Datasets {
    grants.fold(Datasets::only::<String>([]), |all, grant| all.or(grant.datasets.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(grants: Vec<Grant>) -> Caller {
        Caller { kind: CallerKind::User, id: Some(1), name: "ada".to_owned(), grants }
    }

    fn grant(role: Role, team: &str, datasets: &[&str]) -> Grant {
        Grant { role, team: Some(team.to_owned()), datasets: Datasets::only(datasets.iter().copied()) }
    }

    #[test]
    fn roles_are_ordered_and_named() {
        assert!(Role::Viewer < Role::Responder && Role::Responder < Role::Editor && Role::Editor < Role::Admin);
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        for wrong in ["", "Admin", "root", "admin "] {
            assert!(wrong.parse::<Role>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_role_holds_in_its_team() {
        let ada = caller(vec![grant(Role::Editor, "shop", &["web"]), grant(Role::Viewer, "pay", &["billing"])]);
        assert!(ada.may(Role::Editor, Some("shop")) && ada.may(Role::Viewer, Some("shop")));
        assert!(ada.may(Role::Viewer, Some("pay")) && !ada.may(Role::Responder, Some("pay")));
        assert!(!ada.may(Role::Viewer, Some("other")) && !ada.may(Role::Viewer, Some("sho")));
        // What concerns all teams is for those whose role holds for all.
        assert!(!ada.may(Role::Viewer, None));
        assert_eq!((ada.role_for(None), ada.highest()), (None, Some(Role::Editor)));
        assert_eq!(ada.datasets(), Datasets::only(["billing", "web"]));
    }

    #[test]
    fn a_role_everywhere_holds_in_each_team() {
        let ada = caller(vec![Grant::everywhere(Role::Viewer), grant(Role::Admin, "shop", &[])]);
        assert_eq!(ada.role_for(Some("shop")), Some(Role::Admin));
        assert_eq!((ada.role_for(Some("pay")), ada.role_for(None)), (Some(Role::Viewer), Some(Role::Viewer)));
        assert_eq!(ada.datasets(), Datasets::All);
    }

    #[test]
    fn nobody_may_nothing() {
        let nobody = Caller::anonymous();
        assert!(!nobody.is_known() && !nobody.may(Role::Viewer, None) && !nobody.may(Role::Viewer, Some("")));
        assert!(nobody.datasets().names().is_some_and(|names| names.is_empty()));
        assert!(Caller::owner().may(Role::Admin, Some("any")) && Caller::owner().may(Role::Admin, None));
    }

    #[test]
    fn nobody_gives_what_it_has_not() {
        let ada = caller(vec![grant(Role::Admin, "shop", &["web"]), grant(Role::Viewer, "pay", &["billing"])]);
        assert!(ada.may_give(&grant(Role::Admin, "shop", &["web"])) && ada.may_give(&grant(Role::Viewer, "shop", &[])));
        for beyond in [
            grant(Role::Viewer, "pay", &["billing"]),
            grant(Role::Viewer, "shop", &["web", "billing"]),
            Grant { datasets: Datasets::All, ..grant(Role::Viewer, "shop", &[]) },
            Grant { team: None, ..grant(Role::Viewer, "shop", &["web"]) },
            Grant::everywhere(Role::Viewer),
        ] {
            assert!(!ada.may_give(&beyond), "{beyond:?}");
            assert!(Caller::owner().may_give(&beyond), "{beyond:?}");
        }
    }
}
