// Package examples holds runnable programs, one task each.
package examples
