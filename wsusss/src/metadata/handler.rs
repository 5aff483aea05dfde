//! What the installer is told (HandlerSpecificData).

use std::borrow::Cow;

use super::language_rank;
use super::own::{Own, owned};
use super::words::CategoryType;

/// What the installer is told, by what handles it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Handler<'a> {
    /// A category: nothing is installed.
    Category(Category<'a>),
    /// A program with arguments.
    CommandLine(CommandLine<'a>),
    /// A package of the component store: its identity, which may be empty.
    Cbs(Cow<'a, str>),
    /// A patch for Windows Installer.
    InstallerPatch(InstallerPatch<'a>),
    /// A package for Windows Installer.
    InstallerPackage(InstallerPackage<'a>),
    /// A patch of files.
    WindowsPatch(WindowsPatch<'a>),
    /// Windows' own setup: the program.
    WindowsSetup(Cow<'a, str>),
    /// An installation of the operating system: the first module.
    OsInstaller(Cow<'a, str>),
    /// Another one.
    Other,
}

/// What a category is.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Category<'a> {
    /// Product, classification, …
    pub category_type: Option<CategoryType<'a>>,
    /// It has no categories below it.
    pub prohibits_subcategories: Option<bool>,
    /// It has no updates in it.
    pub prohibits_updates: Option<bool>,
    /// Where it stands in a list.
    pub display_order: Option<i64>,
    /// It is not synchronized unless somebody asks for it.
    pub excluded_by_default: Option<bool>,
}

/// A program to run.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct CommandLine<'a> {
    /// The program.
    pub program: Cow<'a, str>,
    /// Its arguments.
    pub arguments: Cow<'a, str>,
    /// A restart is needed unless the exit code says otherwise.
    pub reboot_by_default: Option<bool>,
    /// What an exit code means that is not in the list: `Failed`, `Succeeded`.
    pub default_result: Option<Cow<'a, str>>,
    /// What exit codes mean.
    pub return_codes: Vec<ReturnCode<'a>>,
    /// Where Windows Installer finds the sources of products that the program installs.
    #[cfg_attr(feature = "serde", serde(default))]
    pub repair_paths: Vec<RepairPath<'a>>,
}

/// Where Windows Installer finds the sources of a product when it repairs it (RepairPath).
///
/// *Observed*: not in documents, but in the style sheet by which WSUS makes documents of packages
/// that are published locally. It writes attributes and no text.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(from = "StoredPath<'a>"))]
#[non_exhaustive]
pub struct RepairPath<'a> {
    /// The directory.
    pub path: Cow<'a, str>,
    /// The directory is one of the update server's, and no whole path.
    pub relative_to_server: Option<bool>,
    /// Whose sources they are, where the element around does not say it.
    pub target_id: Option<Cow<'a, str>>,
    /// What that is: `MsiProduct`.
    pub target_type: Option<Cow<'a, str>>,
}

/// A [`RepairPath`] as it is stored, or was: it was a text once.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum StoredPath<'a> {
    Text(Cow<'a, str>),
    Whole {
        path: Cow<'a, str>,
        #[serde(default)]
        relative_to_server: Option<bool>,
        #[serde(default)]
        target_id: Option<Cow<'a, str>>,
        #[serde(default)]
        target_type: Option<Cow<'a, str>>,
    },
}

#[cfg(feature = "serde")]
impl<'a> From<StoredPath<'a>> for RepairPath<'a> {
    fn from(stored: StoredPath<'a>) -> Self {
        match stored {
            StoredPath::Text(path) => Self { path, ..Self::default() },
            StoredPath::Whole { path, relative_to_server, target_id, target_type } => {
                Self { path, relative_to_server, target_id, target_type }
            }
        }
    }
}

/// What an exit code means.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct ReturnCode<'a> {
    /// The exit code.
    pub code: Option<i64>,
    /// `Succeeded`, `Failed`, `Cancelled`.
    pub result: Cow<'a, str>,
    /// A restart is needed.
    pub reboot: Option<bool>,
    /// The language of who has no description in another one.
    #[cfg_attr(feature = "serde", serde(default))]
    pub default_language: Option<Cow<'a, str>>,
    /// What people are told: language and text. *Observed* in documents of 2005.
    #[cfg_attr(feature = "serde", serde(default))]
    pub descriptions: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl ReturnCode<'_> {
    /// What people are told, in this language or the nearest.
    #[must_use]
    pub fn description(&self, language: &str) -> Option<&str> {
        let default = self.default_language.as_deref().unwrap_or("en");
        let nearest =
            |(own, _): &&(Cow<'_, str>, Cow<'_, str>)| language_rank(own, language, default);
        self.descriptions.iter().min_by_key(nearest).map(|(_, text)| &**text)
    }
}

/// A patch for Windows Installer (MspData).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct InstallerPatch<'a> {
    /// The patch's code.
    pub patch_code: Cow<'a, str>,
    /// The code of the patch with whole files.
    pub full_file_patch_code: Option<Cow<'a, str>>,
    /// Arguments to install it.
    pub command_line: Option<Cow<'a, str>>,
    /// Arguments to uninstall it.
    pub uninstall_command_line: Option<Cow<'a, str>>,
    /// Where missing sources are found.
    pub repair_paths: Vec<RepairPath<'a>>,
}

/// A package for Windows Installer (MsiData).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct InstallerPackage<'a> {
    /// The product's code.
    pub product_code: Cow<'a, str>,
    /// The package.
    pub msi_file: Cow<'a, str>,
    /// Arguments to install it.
    pub command_line: Option<Cow<'a, str>>,
    /// Arguments to uninstall it.
    pub uninstall_command_line: Option<Cow<'a, str>>,
    /// Where missing sources are found.
    pub repair_paths: Vec<RepairPath<'a>>,
}

/// A patch of files (WindowsPatchData).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct WindowsPatch<'a> {
    /// Arguments to install it.
    pub install_parameters: Cow<'a, str>,
    /// Arguments to unpack it.
    pub unpack_parameters: Option<Cow<'a, str>>,
}

owned! {
    Category {
        category_type, prohibits_subcategories, prohibits_updates, display_order,
        excluded_by_default,
    }
    CommandLine {
        program, arguments, reboot_by_default, default_result, return_codes, repair_paths,
    }
    RepairPath { path, relative_to_server, target_id, target_type }
    ReturnCode { code, result, reboot, default_language, descriptions }
    InstallerPatch {
        patch_code, full_file_patch_code, command_line, uninstall_command_line, repair_paths,
    }
    InstallerPackage {
        product_code, msi_file, command_line, uninstall_command_line, repair_paths,
    }
    WindowsPatch { install_parameters, unpack_parameters }
}

impl Handler<'_> {
    /// The same, independent of the text that it was read from.
    #[must_use]
    pub fn into_owned(self) -> Handler<'static> {
        match self {
            Self::Category(value) => Handler::Category(value.own()),
            Self::CommandLine(value) => Handler::CommandLine(value.own()),
            Self::Cbs(value) => Handler::Cbs(value.own()),
            Self::InstallerPatch(value) => Handler::InstallerPatch(value.own()),
            Self::InstallerPackage(value) => Handler::InstallerPackage(value.own()),
            Self::WindowsPatch(value) => Handler::WindowsPatch(value.own()),
            Self::WindowsSetup(value) => Handler::WindowsSetup(value.own()),
            Self::OsInstaller(value) => Handler::OsInstaller(value.own()),
            Self::Other => Handler::Other,
        }
    }
}

/// HandlerSpecificData.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct HandlerData<'a> {
    /// The value of `xsi:type`, without blanks: `cat:Category`. The prefix is the document's own.
    /// *Observed*: fragments that a server cut out of a document write `type`.
    pub xsi_type: Option<Cow<'a, str>>,
    /// Its content, typed.
    pub handler: Handler<'a>,
    /// The whole element, as it stands.
    pub raw: Cow<'a, str>,
}

impl Own for Handler<'_> {
    type Static = Handler<'static>;
    fn own(self) -> Handler<'static> {
        self.into_owned()
    }
}

owned! { HandlerData { xsi_type, handler, raw } }
