// Package train fits a model to data and keeps the run in a folder: settings,
// metrics, checkpoints, the result. A run that was stopped, however it was
// stopped, goes on to the same bits as one that never was.
//
// It knows no task, no dataset and no architecture by name, and it draws no
// pages: packages task and report do.
package train
