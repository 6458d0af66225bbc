// Package restoretemporal runs the restores of package durable on Temporal: a workflow for one restore,
// and one for a fleet of them.
package restoretemporal
