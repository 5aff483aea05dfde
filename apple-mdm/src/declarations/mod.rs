//! Declarative management, as far as updates go: declarations, manifests, status reports, and the
//! rules by which a device follows them.
//!
//! *Specified*: Apple's device-management schema (declarative/…), the articles "Deploying software
//! updates using declarative management" and "Phases of software update enforcement".

mod declaration;
mod enforcement;
mod error;
pub(crate) mod fields;
mod identity;
mod management;
mod manifest;
pub mod merge;
pub mod rules;
mod server;
mod settings;
pub mod status;
pub mod support;

pub use declaration::{Declaration, Kind, Payload};
pub use enforcement::EnforcementSpecific;
pub use error::{Error, ErrorKind};
pub use fields::Unknown;
pub use identity::{Identifier, LocalDateTime, MAX_IDENTIFIER, ServerToken};
pub use management::{
    ActivationSimple, OrganizationInfo, ServerCapabilities, StatusItemName, StatusSubscriptions,
    UPDATE_STATUS_ITEMS,
};
pub use manifest::{
    DeclarationSet, Manifest, ManifestDeclarations, ManifestItem, SetFinding, SyncTokens,
    TokensResponse,
};
pub use server::{CONTENT_TYPE, Endpoint, MAX_ENDPOINT, Response, read_check_in};
pub use settings::{
    Automatic, AutomaticActions, Beta, BetaProgram, BetaToken, Cadence, Deferrals,
    RapidSecurityResponse, SettingsError, SoftwareUpdateSettings,
};
