//! Pages read where they stand: nothing is copied until it is asked for.
//!
//! [`Response`](crate::Response) and [`models`](crate::models) read anything, repair what
//! deviates, report it, and keep what they read. A fleet's pages of thousands of members, updates
//! and deployments need none of that: [`page`] reads the text once, as strict as
//! [`json::read`](crate::json::read) in strict mode and with its limits, and its views read a
//! member when it is asked for, in the text. They are some ten times as fast, and one allocation
//! serves the whole page.
//!
//! Use views where lists are large and little of each object is kept. Use models where a value
//! lives longer than its text, is sent back, or may need repair; each view has a `to_model`. A page
//! that is refused here can still be read there:
//!
//! ```
//! use graph_wufb::json::Limits;
//! use graph_wufb::models::ApplicableContent;
//! use graph_wufb::requests::Headers;
//! use graph_wufb::views::{self, ApplicableContentView, CatalogEntryView};
//! use graph_wufb::{Error, Response};
//!
//! fn versions(body: &[u8]) -> Result<Vec<String>, Error> {
//!     let Ok(page) = views::page(body, &Limits::new()) else {
//!         // Not quite JSON, or not a page: this repairs, or says why not.
//!         let answer = Response::parse(200, &Headers::new(), body)?;
//!         let page = answer.page::<ApplicableContent>()?;
//!         return Ok(page.items.iter().map(|_| "repaired".to_owned()).collect());
//!     };
//!     let mut versions = Vec::new();
//!     for content in page.items::<ApplicableContentView<'_>>() {
//!         if let Some(CatalogEntryView::Driver(driver)) = content.catalog_entry().get() {
//!             versions.extend(driver.version().into_option().map(|version| version.into_owned()));
//!         }
//!     }
//!     Ok(versions)
//! }
//!
//! let body = br##"{"value": [{"catalogEntry": {"version": "4.2", "new": [1.50],
//!     "@odata.type": "#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry"}}]}"##;
//! assert_eq!(versions(body)?, ["4.2"]);
//! // What nothing has a name for stays in reach, as it stands.
//! let page = views::page(body, &Limits::new())?;
//! let entry = page.objects().next().and_then(|item| item.get("catalogEntry")?.as_object());
//! assert_eq!(entry.and_then(|entry| entry.get("new")).unwrap().raw(), "[1.50]");
//! # Ok::<(), Error>(())
//! ```

#[cfg(any(test, feature = "fuzz"))]
mod check;
mod field;
mod page;
mod scan;
#[cfg(test)]
mod tests;
mod typed;
mod value;

#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub use check::check;
pub use field::{FieldView, IdView, ListView, NumberView, TimeView, WordView};
pub use page::{DocumentView, PageView, page, read};
pub use typed::{
    ApplicableContentView, AssetErrorView, AssetView, AudienceView, CatalogContentView,
    CatalogEntryView, CategoryEnrollmentView, CveSeverityView, CveView, DeployableContentView,
    DeploymentStateReasonView, DeploymentStateView, DeploymentView, DeviceMatchView, DeviceView,
    DriverView, EnrollmentView, EntryBaseView, FeatureView, GroupView, QualityView, RecoveryView,
    RegistrationErrorView,
};
pub use value::{Elements, ObjectView, ValueView};
