//! The places of a store's layout, numbered as spots.

/// Makes the enum of a store's places, which are numbered as spots. The first is `Unknown`.
macro_rules! places {
    ($(#[$about:meta])* $places:ident { $($(#[$doc:meta])* $name:ident,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum $places { $($(#[$doc])* $name,)* }

        impl $places {
            /// Every place, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The place a spot stands for.
            pub fn of(spot: crate::model::Spot) -> Self {
                Self::ALL.get(usize::from(spot.0)).copied().unwrap_or(Self::Unknown)
            }

            /// The spot that stands for this place.
            pub fn spot(self) -> crate::model::Spot {
                crate::model::Spot(self as u8)
            }
        }
    };
}

pub(crate) use places;
