/* The theme takes the focus from a button that was pressed, to close the mouse's tooltip. A key press
   (a click with detail 0) came from somebody who needs the focus where it was. */
"use strict";
addEventListener("click", (event) => {
  const button = event.target.closest(".theme-switch-button");
  if (button && event.detail === 0) button.focus();
});
