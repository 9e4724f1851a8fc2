import { behavesAsAStore } from './behaviour.js';
import { folderPlace } from './places.js';

behavesAsAStore('a folder', folderPlace);
