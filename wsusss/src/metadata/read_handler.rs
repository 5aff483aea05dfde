//! Reading what the installer is told.

use std::borrow::Cow;

use mdm_xml::{Content, Element, NsId};

use super::Oddity;
use super::handler::{
    Category, CommandLine, Handler, HandlerData, InstallerPackage, InstallerPatch, RepairPath,
    ReturnCode, WindowsPatch,
};
use super::read::{Document, XSI};
use super::words::CategoryType;
use crate::error::Error;

impl<'x> Document<'x, '_> {
    /// Typed by the first element inside that is known, not by `xsi:type`: its prefix is the
    /// document's own, and *observed* with a blank in it.
    pub(super) fn handler_data(&mut self, element: &Element<'x>) -> Result<HandlerData<'x>, Error> {
        let xsi_type = self
            .r
            .attributes(element)
            .find(|attribute| {
                attribute.local() == "type" && matches!(attribute.ns(), XSI | NsId::UNDECLARED)
            })
            .map(|attribute| attribute.value())
            .or_else(|| self.r.attribute(element, NsId::NONE, "type"));
        let xsi_type = xsi_type.map(|text| {
            if text.contains(mdm_xml::is_space) {
                self.note(Oddity::BlankInType, element, &text);
                Cow::Owned(text.split(mdm_xml::is_space).collect())
            } else {
                text
            }
        });
        let mut handler = Handler::Other;
        let mut repair_paths = Vec::new();
        while let Some(part) = self.r.child()? {
            let read = match part.local() {
                // Beside the command, where a package's are inside.
                "RepairPath" => {
                    repair_paths.push(self.repair_path(&part)?);
                    continue;
                }
                "CategoryInformation" => Handler::Category(self.category(&part)?),
                "InstallCommand" => Handler::CommandLine(self.command_line(&part)?),
                "CbsData" => Handler::Cbs(self.only(&part, "PackageIdentity")?),
                "MspData" => Handler::InstallerPatch(self.installer_patch(&part)?),
                "MsiData" => Handler::InstallerPackage(self.installer_package(&part)?),
                "WindowsPatchData" => Handler::WindowsPatch(self.windows_patch(&part)?),
                "WindowsSetup" | "WindowsSetupData" => {
                    Handler::WindowsSetup(self.only(&part, "Program")?)
                }
                "OSInstallerMetadata" => Handler::OsInstaller(self.only(&part, "InitialModule")?),
                _ => {
                    self.r.skip()?;
                    continue;
                }
            };
            if matches!(handler, Handler::Other) {
                handler = read;
            } else {
                self.note(Oddity::Repeated, &part, part.name());
            }
        }
        match &mut handler {
            Handler::CommandLine(command) => command.repair_paths = repair_paths,
            Handler::InstallerPatch(patch) => patch.repair_paths.append(&mut repair_paths),
            Handler::InstallerPackage(package) => package.repair_paths.append(&mut repair_paths),
            _ => {}
        }
        let raw = self.r.source().get(element.offset()..self.r.offset()).unwrap_or_default();
        Ok(HandlerData { xsi_type, handler, raw: Cow::Borrowed(raw) })
    }

    /// One attribute of an element, which is then closed.
    fn only(&mut self, element: &Element<'x>, name: &str) -> Result<Cow<'x, str>, Error> {
        let value = self.r.attribute(element, NsId::NONE, name).unwrap_or_default();
        self.r.skip()?;
        Ok(value)
    }

    fn category(&mut self, element: &Element<'x>) -> Result<Category<'x>, Error> {
        let mut category = Category::default();
        let (mut subcategories, mut updates, mut order, mut excluded) = (None, None, None, None);
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "CategoryType" => category.category_type = Some(CategoryType::from_text(value)),
                "ProhibitsSubcategories" => subcategories = Some(value),
                "ProhibitsUpdates" => updates = Some(value),
                "DisplayOrder" => order = Some(value),
                "ExcludedByDefault" => excluded = Some(value),
                _ => {}
            }
        }
        category.prohibits_subcategories =
            subcategories.and_then(|text| self.boolean(element, &text));
        category.prohibits_updates = updates.and_then(|text| self.boolean(element, &text));
        category.display_order = order.and_then(|text| self.number(element, &text));
        category.excluded_by_default = excluded.and_then(|text| self.boolean(element, &text));
        self.r.skip()?;
        Ok(category)
    }

    fn command_line(&mut self, element: &Element<'x>) -> Result<CommandLine<'x>, Error> {
        let mut command = CommandLine::default();
        let mut reboot = None;
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "Program" => command.program = value,
                "Arguments" => command.arguments = value,
                "RebootByDefault" => reboot = Some(value),
                "DefaultResult" => command.default_result = Some(value),
                _ => {}
            }
        }
        command.reboot_by_default = reboot.and_then(|text| self.boolean(element, &text));
        while let Some(part) = self.r.child()? {
            if part.local() == "ReturnCode" {
                command.return_codes.push(self.return_code(&part)?);
            } else {
                self.r.skip()?;
            }
        }
        Ok(command)
    }

    fn return_code(&mut self, element: &Element<'x>) -> Result<ReturnCode<'x>, Error> {
        self.count()?;
        let mut code = ReturnCode::default();
        let (mut number, mut reboot) = (None, None);
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "Code" => number = Some(value),
                "Result" => code.result = value,
                "Reboot" => reboot = Some(value),
                "DefaultLocalizedDescription" => code.default_language = Some(value),
                _ => {}
            }
        }
        code.code = number.and_then(|text| self.number(element, &text));
        code.reboot = reboot.and_then(|text| self.boolean(element, &text));
        while let Some(part) = self.r.child()? {
            if part.local() != "LocalizedDescription" {
                self.r.skip()?;
                continue;
            }
            self.count()?;
            let (mut language, mut text) = (None, None);
            while let Some(part) = self.r.child()? {
                match part.local() {
                    "Language" => self.first_plain(&part, &mut language)?,
                    "Description" => self.first_plain(&part, &mut text)?,
                    _ => self.r.skip()?,
                }
            }
            if let Some(text) = text {
                code.descriptions.push((language.unwrap_or_default(), text));
            }
        }
        Ok(code)
    }

    /// The text of the open element, unless there was one before. One with elements inside is noted
    /// and passed over: what an exit code is called is not worth a document.
    fn first_plain(
        &mut self,
        element: &Element<'x>,
        place: &mut Option<Cow<'x, str>>,
    ) -> Result<(), Error> {
        if place.is_some() {
            return self.repeated(element);
        }
        match self.r.content()? {
            Content::Text(text) => *place = Some(text.value()),
            Content::Markup(_) => self.note(Oddity::NotText, element, element.name()),
        }
        Ok(())
    }

    fn installer_patch(&mut self, element: &Element<'x>) -> Result<InstallerPatch<'x>, Error> {
        let mut patch = InstallerPatch::default();
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "PatchCode" => patch.patch_code = value,
                "FullFilePatchCode" => patch.full_file_patch_code = Some(value),
                "CommandLine" => patch.command_line = Some(value),
                "UninstallCommandLine" => patch.uninstall_command_line = Some(value),
                _ => {}
            }
        }
        self.repair_paths(&mut patch.repair_paths)?;
        Ok(patch)
    }

    fn installer_package(&mut self, element: &Element<'x>) -> Result<InstallerPackage<'x>, Error> {
        let mut package = InstallerPackage::default();
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "ProductCode" => package.product_code = value,
                "MsiFile" => package.msi_file = value,
                "CommandLine" => package.command_line = Some(value),
                "UninstallCommandLine" => package.uninstall_command_line = Some(value),
                _ => {}
            }
        }
        self.repair_paths(&mut package.repair_paths)?;
        Ok(package)
    }

    fn repair_paths(&mut self, paths: &mut Vec<RepairPath<'x>>) -> Result<(), Error> {
        while let Some(part) = self.r.child()? {
            if part.local() == "RepairPath" {
                paths.push(self.repair_path(&part)?);
            } else {
                self.r.skip()?;
            }
        }
        Ok(())
    }

    fn repair_path(&mut self, element: &Element<'x>) -> Result<RepairPath<'x>, Error> {
        self.count()?;
        let mut path = RepairPath::default();
        let mut relative = None;
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "Path" => path.path = value,
                "RelativeToServer" => relative = Some(value),
                "TargetId" => path.target_id = Some(value),
                "TargetType" => path.target_type = Some(value),
                _ => {}
            }
        }
        path.relative_to_server = relative.and_then(|text| self.boolean(element, &text));
        self.r.skip()?;
        Ok(path)
    }

    fn windows_patch(&mut self, element: &Element<'x>) -> Result<WindowsPatch<'x>, Error> {
        let mut patch = WindowsPatch::default();
        for attribute in self.plain(element) {
            let value = attribute.value();
            match attribute.local() {
                "InstallParameters" => patch.install_parameters = value,
                "UnpackParameters" => patch.unpack_parameters = Some(value),
                _ => {}
            }
        }
        self.r.skip()?;
        Ok(patch)
    }
}
