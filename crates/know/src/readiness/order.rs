//! The order in which things that need each other come back. Pure, over numbers: the caller names them.

/// One thing needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// What needs.
    pub from: usize,
    /// What is needed.
    pub to: usize,
    /// How sure that is; of a circle the least sure are left out.
    pub strength: u8,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arranged {
    /// Of each thing, how many rounds come before it: things of one round may come back at once.
    pub round: Vec<usize>,
    /// Circles, each with all of its members, in order.
    pub circles: Vec<Vec<usize>>,
    /// The edges that are left out so that there is an order at all, by their place.
    pub left_out: Vec<usize>,
}

/// Rounds for things that need each other. In a circle the surest edges are kept: from the surest on, and then in the
/// order of what needs and what is needed, each is kept that makes no circle with those before it. So the same things
/// always come in the same order, and nothing is left out that could have stayed.
pub(super) fn arrange(things: usize, edges: &[Edge]) -> Arranged {
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); things];
    for edge in edges {
        needs[edge.from].push(edge.to);
    }
    let groups = groups(&needs);
    let mut of = vec![0; things];
    for (number, group) in groups.iter().enumerate() {
        for thing in group {
            of[*thing] = number;
        }
    }
    let circular = |edge: &Edge| of[edge.from] == of[edge.to];
    let mut doubtful: Vec<usize> = (0..edges.len()).filter(|place| circular(&edges[*place])).collect();
    doubtful.sort_by_key(|place| {
        let edge = edges[*place];
        (u8::MAX - edge.strength, edge.from, edge.to, *place)
    });
    let mut kept: Vec<Vec<usize>> = vec![Vec::new(); things];
    let mut left_out = Vec::new();
    for place in doubtful {
        let edge = edges[place];
        if kept[edge.from].contains(&edge.to) {
            continue;
        }
        if reaches(&kept, edge.to, edge.from) {
            left_out.push(place);
        } else {
            kept[edge.from].push(edge.to);
        }
    }
    left_out.sort_unstable();
    for edge in edges.iter().filter(|edge| !circular(edge)) {
        kept[edge.from].push(edge.to);
    }
    let alone = |group: &&Vec<usize>| group.len() > 1 || needs[group[0]].contains(&group[0]);
    let mut circles: Vec<Vec<usize>> = groups.iter().filter(alone).cloned().collect();
    circles.sort();
    Arranged { round: rounds(&kept), circles, left_out }
}

/// Whether a thing needs another, over any number of others.
fn reaches(needs: &[Vec<usize>], from: usize, wanted: usize) -> bool {
    let mut seen = vec![false; needs.len()];
    let mut edge = vec![from];
    while let Some(thing) = edge.pop() {
        if thing == wanted {
            return true;
        }
        edge.extend(needs[thing].iter().copied().filter(|next| !std::mem::replace(&mut seen[*next], true)));
    }
    false
}

/// Longest ways, over edges without circles.
fn rounds(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut wait: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (thing, all) in needs.iter().enumerate() {
        for need in all {
            needed_by[*need].push(thing);
        }
    }
    let mut round = vec![0; needs.len()];
    let mut ready: Vec<usize> = (0..needs.len()).filter(|thing| wait[*thing] == 0).collect();
    while let Some(thing) = ready.pop() {
        for next in &needed_by[thing] {
            round[*next] = round[*next].max(round[thing] + 1);
            wait[*next] -= 1;
            if wait[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    round
}

/// Strongly connected groups, each sorted, by Tarjan's way without recursion: a chain of thousands must not end the
/// stack.
fn groups(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const NONE: usize = usize::MAX;
    let mut number = vec![NONE; needs.len()];
    let mut low = vec![NONE; needs.len()];
    let mut waits = vec![false; needs.len()];
    let (mut next, mut stack, mut groups) = (0, Vec::new(), Vec::new());
    for start in 0..needs.len() {
        if number[start] != NONE {
            continue;
        }
        // What is on the way, with the edge that it goes on with.
        let mut way: Vec<(usize, usize)> = Vec::new();
        let mut entered = Some(start);
        loop {
            if let Some(thing) = entered.take() {
                (number[thing], low[thing]) = (next, next);
                next += 1;
                stack.push(thing);
                waits[thing] = true;
                way.push((thing, 0));
            }
            let Some((thing, place)) = way.last_mut() else { break };
            let thing = *thing;
            if let Some(need) = needs[thing].get(*place).copied() {
                *place += 1;
                if number[need] == NONE {
                    entered = Some(need);
                } else if waits[need] {
                    low[thing] = low[thing].min(number[need]);
                }
                continue;
            }
            way.pop();
            if let Some((above, _)) = way.last() {
                low[*above] = low[*above].min(low[thing]);
            }
            if low[thing] == number[thing] {
                let mut group = Vec::new();
                while let Some(one) = stack.pop() {
                    waits[one] = false;
                    group.push(one);
                    if one == thing {
                        break;
                    }
                }
                group.sort_unstable();
                groups.push(group);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edges(all: &[(usize, usize, u8)]) -> Vec<Edge> {
        all.iter().map(|(from, to, strength)| Edge { from: *from, to: *to, strength: *strength }).collect()
    }

    #[test]
    fn what_is_needed_comes_first() {
        let arranged = arrange(4, &edges(&[(0, 1, 2), (1, 2, 2), (0, 2, 1), (3, 1, 1)]));
        assert_eq!((arranged.round, arranged.circles.len()), (vec![2, 1, 0, 2], 0));
    }

    #[test]
    fn a_circle_is_named_whole_and_its_least_sure_edge_left_out() {
        let arranged = arrange(4, &edges(&[(0, 1, 2), (1, 2, 1), (2, 0, 2), (3, 0, 1)]));
        assert_eq!(arranged.circles, [vec![0, 1, 2]]);
        assert_eq!(arranged.left_out, [1]);
        assert_eq!(arranged.round, [1, 0, 2, 2]);
        let itself = arrange(1, &edges(&[(0, 0, 1)]));
        assert_eq!((itself.circles, itself.left_out, itself.round), (vec![vec![0]], vec![0], vec![0]));
    }

    #[test]
    fn a_chain_of_thousands_has_its_order() {
        let chain: Vec<Edge> = (1..50_000).map(|at| Edge { from: at, to: at - 1, strength: 1 }).collect();
        assert_eq!(arrange(50_000, &chain).round[49_999], 49_999);
    }

    proptest! {
        #[test]
        fn an_order_holds_for_every_edge_that_is_kept(
            all in proptest::collection::vec((0usize..12, 0usize..12, 1u8..4), 0..60),
        ) {
            let edges = edges(&all);
            let arranged = arrange(12, &edges);
            for (place, edge) in edges.iter().enumerate() {
                let (before, after) = (arranged.round[edge.to], arranged.round[edge.from]);
                let out = arranged.left_out.contains(&place);
                let same = arranged.left_out.iter().any(|at| (edges[*at].from, edges[*at].to) == (edge.from, edge.to));
                prop_assert!(before < after || out || same, "{edge:?} {arranged:?}");
                if out {
                    prop_assert!(arranged.circles.iter().any(|of| of.contains(&edge.from) && of.contains(&edge.to)));
                }
            }
            prop_assert_eq!(arrange(12, &edges), arranged);
        }
    }
}
