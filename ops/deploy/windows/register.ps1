# Registers Interlock as a scheduled task of the user who runs this, and starts it. Run in an elevated PowerShell.
# How to stop it and take it away again: ..\README.md
$ErrorActionPreference = "Stop"

$homeFolder = (Resolve-Path (Join-Path $PSScriptRoot "..\..\..")).Path
$node = (Get-Command node.exe).Source
$major = [int](& $node -p "process.versions.node.split('.')[0]")
if ($major -lt 24) { throw "Node 24 or newer is needed, $node is $major. Install Node 26 from https://nodejs.org" }
if (-not (Test-Path (Join-Path $homeFolder "node_modules"))) { throw "Run npm ci in $homeFolder first" }

function Escaped($text) { [System.Security.SecurityElement]::Escape($text) }
$user = [System.Security.Principal.WindowsIdentity]::GetCurrent().Name
$xml = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot "interlock.xml"))
$xml = $xml.Replace("__USER__", (Escaped $user)).Replace("__NODE__", (Escaped $node)).Replace("__HOME__", (Escaped $homeFolder))

Register-ScheduledTask -TaskName "Interlock" -Xml $xml -Force | Out-Null
Start-ScheduledTask -TaskName "Interlock"
Write-Host "Interlock is registered for $user and started. npx interlock status shows how it is."
