// The chain outside the page: as a command line, and as a chain file. The files it names go with it.

import type { Recording } from '../api/types';
import { saveContent, saveText, stem } from '../export/save';
import { notify } from '../state/app';
import { chainFiles } from '../state/chain';
import { planNow } from './plan';

function saveFiles() {
  for (const [name, content] of Object.entries(chainFiles.value)) saveContent(content, name);
}

function sayFiles() {
  const names = Object.keys(chainFiles.value);
  if (names.length > 0) notify(`${names.join(', ')} saved beside: the command reads ${names.length > 1 ? 'them' : 'it'} from the folder where it is run.`);
}

export async function copyCommand(recording: Recording) {
  const { command } = await planNow(recording.id);
  await navigator.clipboard.writeText(command);
  notify('The command is on the clipboard.');
  saveFiles();
  sayFiles();
}

export async function saveChain(recording: Recording) {
  const { yaml } = await planNow(recording.id);
  saveText(yaml, `${stem(recording.label)}.chain.yaml`, 'application/yaml');
  saveFiles();
}
