/** The namespace tf.data. */
import { CSVDataset } from './csv_dataset.js';
import { array, Dataset, zip } from './dataset.js';
import { csv, func, generator, microphone, webcam } from './readers.js';
import { FileDataSource, URLDataSource } from './sources.js';
import { TextLineDataset } from './text_line_dataset.js';

export const data = {
  array, csv, CSVDataset, Dataset, FileDataSource, func, generator, microphone, TextLineDataset, URLDataSource, webcam, zip,
};
