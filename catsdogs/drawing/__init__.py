"""Drawn cats and dogs. What to draw is decided in `catsdogs.demo`; here it is drawn:

brush                 curves, colours and light on a single shape
animals               what an animal is, and its hair
bodies -> heads       the animal itself
scenery, obstacles    what is behind it and in front of it, light and camera
"""
