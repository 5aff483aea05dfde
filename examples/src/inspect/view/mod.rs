//! A readable view of each kind of document.

pub(super) mod apple;
mod declared;
mod explain;
mod failure;
pub(super) mod graph;
mod models;
mod places;
mod ring;
pub(super) mod syncml;
mod syncml_item;
mod tree;
pub(super) mod update;
pub(super) mod wsus;
pub(super) mod xml;
