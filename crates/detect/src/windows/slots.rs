//! Things with a number for as long as they are there.

/// Numbered places.
#[derive(Debug)]
pub(super) struct Slots<T> {
    all: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Slots { all: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slots<T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len() - self.free.len()
    }

    /// Gives it a number, that of one that has gone where there is one.
    pub fn add(&mut self, of: T) -> u32 {
        match self.free.pop() {
            Some(slot) => {
                self.all[slot as usize] = Some(of);
                slot
            }
            None => {
                self.all.push(Some(of));
                (self.all.len() - 1) as u32
            }
        }
    }

    /// What has a number.
    pub fn get(&self, slot: u32) -> Option<&T> {
        self.all.get(slot as usize)?.as_ref()
    }

    /// What has a number.
    pub fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.all.get_mut(slot as usize)?.as_mut()
    }

    /// It goes.
    pub fn take(&mut self, slot: u32) -> Option<T> {
        let gone = self.all.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        Some(gone)
    }

    /// All.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter().flatten()
    }
}
