//! The numbers of a user's records of one kind, packed, so that one that is missing is noticed.
//!
//! They travel in the cursor. Numbers are handed out to all records of the CRM in turn, so a user's lie close
//! together: each is written as its distance from the one before, seven bits a byte, and takes a byte or two.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;

/// So many are known at most, the newest: some 100 kB in the cursor. What is deleted of older ones is found by the
/// weekly whole reading.
const KNOWN_MAX: usize = 40_000;

/// The numbers of a user's records of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known(BTreeSet<u64>);

impl Known {
    /// Takes one in.
    pub(crate) fn insert(&mut self, number: u64) {
        self.0.insert(number);
        if self.0.len() > KNOWN_MAX {
            self.0.pop_first();
        }
    }

    /// Takes one in or out.
    pub(crate) fn set(&mut self, number: u64, is_known: bool) {
        if is_known {
            self.insert(number);
        } else {
            self.remove(number);
        }
    }

    /// Takes one out.
    pub(crate) fn remove(&mut self, number: u64) {
        self.0.remove(&number);
    }

    /// Whether it is known.
    pub(crate) fn contains(&self, number: u64) -> bool {
        self.0.contains(&number)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The numbers from that place on, in order.
    pub(crate) fn from(&self, place: usize) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().copied().skip(place)
    }

    /// As it is kept.
    pub(crate) fn packed(&self) -> String {
        let mut bytes = Vec::with_capacity(self.0.len() * 2);
        let mut last = 0;
        for number in &self.0 {
            let mut distance = number - last;
            while distance >= 0x80 {
                bytes.push(0x80 | u8::try_from(distance & 0x7f).unwrap_or(0));
                distance >>= 7;
            }
            bytes.push(u8::try_from(distance).unwrap_or(0));
            last = *number;
        }
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// What was kept; `None` where it is not of this shape.
    pub(crate) fn unpacked(text: &str) -> Option<Self> {
        let mut numbers = BTreeSet::new();
        let (mut last, mut distance, mut shift) = (0_u64, 0_u64, 0_u32);
        for byte in BASE64URL_NOPAD.decode(text.as_bytes()).ok()? {
            distance |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                last = last.checked_add(distance)?;
                numbers.insert(last);
                (distance, shift) = (0, 0);
            }
        }
        (shift == 0 && numbers.len() <= KNOWN_MAX).then_some(Self(numbers))
    }
}
