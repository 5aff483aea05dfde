//! The vendor's key for a command, in the bytes of a state.

/// A key that [`SessionState::to_bytes`](super::SessionState::to_bytes) can store: a number, a text,
/// or the vendor's own type.
///
/// ```
/// use syncml::session::StateKey;
///
/// #[derive(Clone, Debug, PartialEq)]
/// enum Task {
///     Inventory,
///     Approve(u32),
/// }
///
/// impl StateKey for Task {
///     fn write(&self, out: &mut Vec<u8>) {
///         if let Self::Approve(number) = self {
///             out.extend_from_slice(&number.to_le_bytes());
///         }
///     }
///
///     fn read(bytes: &[u8]) -> Option<Self> {
///         match bytes {
///             [] => Some(Self::Inventory),
///             bytes => Some(Self::Approve(u32::from_le_bytes(bytes.try_into().ok()?))),
///         }
///     }
/// }
///
/// let mut bytes = Vec::new();
/// Task::Approve(7).write(&mut bytes);
/// assert_eq!(Task::read(&bytes), Some(Task::Approve(7)));
/// ```
pub trait StateKey: Sized {
    /// Appends the key to `out`, and touches nothing that is in it.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads what [`write`](Self::write) appended. `None` if it is no key.
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl StateKey for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn read(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_le_bytes)
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128);

/// As eight bytes, whatever the machine.
impl StateKey for usize {
    fn write(&self, out: &mut Vec<u8>) {
        (*self as u64).write(out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        u64::read(bytes)?.try_into().ok()
    }
}

impl StateKey for String {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
}

impl StateKey for Vec<u8> {
    fn write(&self, out: &mut Self) {
        out.extend_from_slice(self);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(bytes.to_vec())
    }
}

/// Where commands need not be told apart.
impl StateKey for () {
    fn write(&self, _: &mut Vec<u8>) {}

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.is_empty().then_some(())
    }
}
