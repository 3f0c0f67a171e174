import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCE = `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="3E8D2E0B-7C9A-4B07-9E6D-0B7B6A7E5A03" Name="App" Version="0.3.0" Manufacturer="Ada" Language="1033"
    UpgradeCode="3E8D2E0B-7C9A-4B07-9E6D-0B7B6A7E5A01">
    <Package InstallerVersion="200" Compressed="yes" />
    <Media Id="1" Cabinet="app.cab" EmbedCab="yes" />
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFilesFolder"><Directory Id="INSTALLDIR" Name="App">
        <Component Id="Main" Guid="3E8D2E0B-7C9A-4B07-9E6D-0B7B6A7E5A02"><File Id="F1" Name="app.txt" Source="app.txt" KeyPath="yes" /></Component>
      </Directory></Directory>
    </Directory>
    <Feature Id="All" Level="1"><ComponentRef Id="Main" /></Feature>
  </Product>
</Wix>
`;

export const canBuildInstaller = (): boolean => spawnSync('wixl', ['--version']).status === 0;

/** An installer for Windows (`.msi`) that holds one file of that text, by wixl. Its bytes differ from call to call. */
export function buildInstaller(text: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-msi-'));
  try {
    writeFileSync(join(folder, 'app.txt'), text);
    writeFileSync(join(folder, 'app.wxs'), SOURCE);
    execFileSync('wixl', ['-o', 'app.msi', 'app.wxs'], { cwd: folder, stdio: 'pipe' });
    return readFileSync(join(folder, 'app.msi'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
