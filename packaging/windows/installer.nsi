; The installer for Windows, by NSIS (https://nsis.sourceforge.io): `setup.exe /S` asks nothing, `/D=C:\somewhere` says where.
; Given by the command line: VERSION, SOURCE (a folder with what is installed), OUTPUT, and FAST for less compression.
Target amd64-unicode
Unicode true
!ifdef FAST
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
!endif
Name "Plakar ${VERSION}"
ManifestSupportedOS Win10
OutFile "${OUTPUT}"
InstallDir "$PROGRAMFILES64\Plakar"
InstallDirRegKey HKLM "Software\Plakar" "Folder"
RequestExecutionLevel admin
ShowInstDetails nevershow
Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Plakar"

Section
  SetRegView 64
  SetOutPath "$INSTDIR"
  File "${SOURCE}/plakar.exe"
  File "${SOURCE}/LICENSE"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKLM "Software\Plakar" "Folder" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayName" "Plakar"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
SectionEnd

Section "Uninstall"
  SetRegView 64
  Delete "$INSTDIR\plakar.exe"
  Delete "$INSTDIR\LICENSE"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${UNINSTALL}"
  DeleteRegKey HKLM "Software\Plakar"
SectionEnd
