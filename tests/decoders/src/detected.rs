//! Files of events, as `tandem detect` reads them.

use detect::input::{Format, Item, read};
use detect::sources::Sources;
use std::ops::ControlFlow;

thread_local! {
    static SOURCES: Sources = Sources::builtin();
}

/// Files of events: the first byte chooses the format, the last ones are guessed. Nothing panics, what is handed out is
/// what is counted, and reading stops when it is asked to.
pub fn detect_input(data: &[u8]) {
    let Some((first, data)) = data.split_first() else { return };
    let format = Format::NAMES.get(usize::from(*first)).and_then(|name| Format::from_name(name));
    let mut items = 0;
    let summary = read(data, "fuzz", format, &mut |item, _| {
        items += 1;
        if let Item::Event(event) = item {
            SOURCES.with(|sources| {
                let of = sources.of(&event);
                sources.time_in(&event, &of);
                of.iter().for_each(|index| drop(sources.entity(&event, *index)));
            });
        }
        ControlFlow::Continue(())
    });
    assert_eq!(summary.items, items);
    assert!(summary.first_bad.len() as u64 <= summary.bad);
    if items > 0 {
        let once = read(data, "fuzz", format, &mut |_, _| ControlFlow::Break(()));
        assert_eq!(once.items, 1);
    }
}
