//! Chance that can be repeated: the same seed gives the same rolls.

/// A small generator (SplitMix64): enough for mishaps, no more.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dice(u64);

impl Dice {
    /// Begins with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which must not be 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap_or(0)
    }

    /// A number of this range, both ends included.
    pub fn between(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, times: usize) -> bool {
        self.below(100) < times
    }

    /// True so many times in a thousand.
    pub fn in_a_thousand(&mut self, times: u32) -> bool {
        self.below(1_000) < times as usize
    }

    /// One of these, of which there must be some.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
