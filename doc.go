// Package restorejobs is a client for the restore jobs of MongoDB backups.
package restorejobs
